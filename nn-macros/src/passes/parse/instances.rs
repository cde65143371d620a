//! Networks whose sizes are parameters, and their instances: `pub type Small = Mlp<HIDDEN = 16>;`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

use super::attributes::Attributes;
use super::cursor::{Cursor, Parsed};
use super::expressions::size;
use super::networks::nothing;
use crate::ast::{ConstDef, InstanceDef, NetworkDef, Source};
use crate::diagnostics::{Diagnosis, Diagnostics};
use crate::suggest;

const SIZES: &str = "sizes are written `pub Mlp<const HIDDEN: usize = 64>(x: Tensor<8>) -> Tensor<1> { … }`";
const INSTANCE: &str = "an instance is written `pub type Small = Mlp<HIDDEN = 16>;`";

/// `<const HIDDEN: usize = 64>` behind a network's name.
pub fn sizes(c: &mut Cursor<'_>, network: &mut NetworkDef) -> Parsed<()> {
    c.next();
    while !c.is_char('>') {
        if !c.eat_word("const") {
            return Err(c.unexpected("`const` and the name of a size", SIZES));
        }
        let name = c.new_name("the name of a size", "const HIDDEN: usize = 64")?;
        c.expect(":", SIZES)?;
        let ty = match c.peek() {
            Some(TokenTree::Ident(ty)) => ty.clone(),
            _ => return Err(c.unexpected("the type of the size", SIZES)),
        };
        c.next();
        if !c.is_char('=') {
            let message = format!("the size `{name}` has no value");
            let help = format!(
                "give it the one of `{}` itself: `const {name}: {ty} = 64`",
                network.name
            );
            return Err(c.report(name.span(), message, help));
        }
        c.next();
        let value = size(c)?;
        if network.sizes.iter().any(|s| s.name == name) {
            c.report(
                name.span(),
                format!("a second size `{name}`"),
                "give it another name",
            );
        } else {
            network.sizes.push(ConstDef { name, ty, value });
        }
        if !c.is_char('>') {
            c.expect(",", SIZES)?;
        }
    }
    c.next();
    Ok(())
}

/// To the inputs of a network whose sizes did not parse.
pub fn skip_sizes(c: &mut Cursor<'_>) {
    let ends =
        |c: &Cursor<'_>| c.is_group(Delimiter::Parenthesis) || c.is_group(Delimiter::Brace) || c.is_char(';');
    while !c.is_empty() && !ends(c) {
        c.next();
    }
}

/// `Small = Mlp<HIDDEN = 16>;`
pub fn instance(c: &mut Cursor<'_>, attributes: Attributes, visibility: TokenStream) -> Parsed<InstanceDef> {
    let name = c.new_name("an instance's name", "pub type Small = Mlp<HIDDEN = 16>;")?;
    c.expect("=", INSTANCE)?;
    let of = c.new_name("the name of a network", "pub type Small = Mlp<HIDDEN = 16>;")?;
    let mut instance = InstanceDef {
        passed_attributes: attributes.passed,
        attributes: attributes.ours,
        visibility,
        name,
        of,
        sizes: Vec::new(),
        incomplete: false,
    };
    if arguments(c, &mut instance).is_err() {
        instance.incomplete = true;
        c.skip_past(';');
    }
    Ok(instance)
}

/// `<HIDDEN = 16>;`
fn arguments(c: &mut Cursor<'_>, instance: &mut InstanceDef) -> Parsed<()> {
    if !c.is_char('<') {
        return Err(c.unexpected(&format!("`<` and the sizes of `{}`", instance.of), INSTANCE));
    }
    c.next();
    while !c.is_char('>') {
        let named = matches!(c.peek_at(1), Some(TokenTree::Punct(p)) if p.as_char() == '=');
        let Some(TokenTree::Ident(name)) = c.peek().filter(|_| named).cloned() else {
            return Err(c.unexpected("the name of a size and `=`", INSTANCE));
        };
        c.next();
        c.next();
        let value = size(c)?;
        if instance.sizes.iter().any(|(n, _)| *n == name) {
            return Err(c.report(
                name.span(),
                format!("`{name}` is given twice"),
                "remove one of them",
            ));
        }
        instance.sizes.push((name, value));
        if !c.is_char('>') {
            c.expect(
                ",",
                "sizes are separated by commas, and `>` ends them: `Mlp<HIDDEN = 16, DEPTH = 2>`",
            )?;
        }
    }
    c.next();
    c.expect(";", "an instance ends with `;`")
}

/// Makes every instance a network of its own.
pub fn expand(source: &mut Source, diagnostics: &Diagnostics) {
    for mut instance in std::mem::take(&mut source.instances) {
        let base = source
            .networks
            .iter()
            .find(|n| n.name == instance.of && n.instance.is_none());
        match base.cloned() {
            Some(base) => source.networks.push(instantiate(base, instance, diagnostics)),
            None => {
                let meant = unknown(source, &instance, diagnostics).cloned();
                source.incomplete = true;
                // A type of that name, so that its use is no second fault.
                if let Some(base) = meant {
                    instance.sizes.clear();
                    instance.incomplete = true;
                    source.networks.push(instantiate(base, instance, diagnostics));
                }
            }
        }
    }
}

/// Reports it; gives the network that may have been meant.
fn unknown<'s>(
    source: &'s Source,
    instance: &InstanceDef,
    diagnostics: &Diagnostics,
) -> Option<&'s NetworkDef> {
    let of = &instance.of;
    let networks = || source.networks.iter().filter(|n| n.instance.is_none());
    let named = |name: &str| networks().find(|n| n.name == name);
    let names: Vec<String> = networks().map(|n| n.name.to_string()).collect();
    let near = suggest::nearest(&of.to_string(), names.iter().map(String::as_str));
    let itself = source.networks.iter().find(|n| n.name == *of);
    let (help, meant) = match (itself.and_then(|n| n.instance.as_ref()), near) {
        (Some((base, _)), _) => (
            format!("`{of}` is an instance itself; name its network: `{base}<…>`"),
            named(&base.to_string()),
        ),
        (None, Some(near)) => (format!("did you mean `{near}`?"), named(near)),
        (None, None) if source.incomplete => return networks().next(),
        (None, None) => (
            "an instance is of a network of the same `network!` block".to_string(),
            networks().next(),
        ),
    };
    let message = format!("no network `{of}` with sizes");
    diagnostics.report(Diagnosis::new(of.span(), message).help(help));
    meant
}

fn instantiate(base: NetworkDef, instance: InstanceDef, diagnostics: &Diagnostics) -> NetworkDef {
    let mut network = base;
    let mark = diagnostics.count();
    let written: Vec<String> = instance
        .sizes
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    let written = format!("{}<{}>", instance.of, written.join(", "));
    for (name, value) in instance.sizes {
        match network.sizes.iter_mut().find(|s| s.name == name) {
            Some(size) => size.value = value,
            None => {
                let known: Vec<String> = network.sizes.iter().map(|s| s.name.to_string()).collect();
                let near = suggest::nearest(&name.to_string(), known.iter().map(String::as_str));
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => format!("it has none: {SIZES}"),
                    None => format!("its sizes: `{}`", known.join("`, `")),
                };
                let message = format!("`{}` has no size `{name}`", instance.of);
                diagnostics.report(Diagnosis::new(name.span(), message).help(help));
            }
        }
    }
    // What it has of its own is instead of the network's.
    let of_network = std::mem::take(&mut network.attributes).into_iter();
    network.attributes = of_network
        .filter(|a| instance.attributes.iter().all(|own| own.name != a.name))
        .collect();
    network.attributes.extend(instance.attributes);
    if !instance.passed_attributes.is_empty() {
        network.passed_attributes = instance.passed_attributes;
    }
    let doc = format!(" `{written}`");
    network.passed_attributes.push(quote!(#[doc = ""] #[doc = #doc]));
    network.visibility = instance.visibility;
    network.instance = Some((instance.of, format!("{} = {written}", instance.name)));
    if instance.incomplete || diagnostics.count() > mark {
        network.incomplete = true;
        network.body = nothing(instance.name.span());
    }
    network.name = instance.name;
    network
}
