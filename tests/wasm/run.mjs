// Runs the module of `nn-wasm`: `node run.mjs MODULE IMAGES NUMBERS < pixels`, the pixels of some images as 32-bit numbers. Prints a
// line for each image's scores, one for each of the trained networks' parameters (of which there are IMAGES and NUMBERS).
import fs from 'node:fs';

const [, , path, images, numbers] = process.argv;
const { instance } = await WebAssembly.instantiate(fs.readFileSync(path), {});
const module = instance.exports;
if (Object.keys(WebAssembly.Module.imports(new WebAssembly.Module(fs.readFileSync(path)))).length > 0) {
  throw new Error('the module wants something of its host');
}
const say = (name, list) => console.log([name, ...list].join(' '));

const input = fs.readFileSync(0);
const pixels = new Float32Array(input.buffer.slice(input.byteOffset, input.byteOffset + input.byteLength));
say('vectors', [module.vectors()]);
for (let i = 0; i < pixels.length; i += 64) {
  new Float32Array(module.memory.buffer, module.image(), 64).set(pixels.subarray(i, i + 64));
  const scores = module.read();
  say('scores', new Float32Array(module.memory.buffer, scores, 10));
}
const trained = module.images();
say('images', new Float32Array(module.memory.buffer, trained, Number(images)));
const double = module.numbers();
say('numbers', new Float64Array(module.memory.buffer, double, Number(numbers)));
