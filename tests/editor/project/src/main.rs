//! What `check.py` points at. Each `/*name*/` marks the place behind it.
use nn_runtime::prelude::*;

const ROWS: usize = 8;

network! {
    /// Whole: hovers and definitions.
    #[/*h_attribute*/loss(/*h_loss*/huber, /*h_loss_argument*/delta = 2.0)]
    pub Whole(/*d_image*/image: /*h_type*/Tensor<16, 16, 1>) -> Tensor<1> {
        let main = /*u_image*/image./*h_conv*/conv2d(4, /*h_kernel*/kernel = 3, padding = /*h_word*/same)./*h_relu*/relu();
        /*u_main*/main.flatten()./*u_block*/around(/*u_const*/WIDTH, /*u_argument*/act = tanh).dense(1, init = /*h_init*/he_normal)
    }

    const /*d_const*/WIDTH: usize = 12;

    /// A layer with a way around it.
    block /*d_block*/around(x, /*d_hidden*/hidden, /*d_argument*/act = relu) {
        x.dense(/*u_hidden*/hidden).act()./*u_formula*/twice()
    }

    fn /*d_formula*/twice(x) = x + /*h_function*/tanh(x);
}

network! {
    pub AfterDot(x: Tensor<8>) -> Tensor<1> {
        let /*d_y*/y = x.dense(4);
        /*u_y*/y./*c_dot*/
    }
}

network! {
    pub Started(x: Tensor<8>) -> Tensor<1> {
        x.dense(4).con/*c_started*/.relu().dense(1)
    }

    /// Mine.
    block connected(x, units) { x.dense(units) }
}

network! {
    pub Arguments(x: Tensor<8>) -> Tensor<1> {
        x.dense(4, /*c_argument*/).layer_norm(e/*c_second*/).dense(1)
    }
}

network! {
    pub Words(x: Tensor<8, 8, 1>) -> Tensor<1> {
        x.conv2d(4, kernel = 3, padding = /*c_word*/).flatten().dense(1, init = he/*c_init*/)
    }
}

network! {
    #[loss(mean/*c_loss*/)]
    pub Names(image: Tensor<8>) -> Tensor<1> {
        let first = image.dense(2);
        let second = image.dense(2);
        (first + sec/*c_name*/).dense(crate::/*c_path*/)
    }
}

fn main() {
    let mut net = Names::new(1);
    net.pre/*c_method*/
}
