//! What the compiler of the user's crate checks: that a constant of a network equals the one of the crate that it repeats.

use proc_macro2::{Delimiter, Group, Literal, TokenStream};
use quote::{quote, quote_spanned};

use crate::passes::shape::Agreement;

pub fn emit(agreement: &Agreement<'_>) -> TokenStream {
    let Agreement { ty, path, extent, .. } = agreement;
    let constant = agreement.constant.to_string();
    let (value, layer) = (
        Literal::i128_unsuffixed(agreement.value.into()),
        agreement.layer.as_deref().unwrap_or_default(),
    );
    let text = path.to_string().replace(' ', "");
    // Its error lies at the path, as does that of a type that is another.
    let given = quote!({ let given: #ty = #path; given as i128 });
    let arguments = quote!(#constant, #value, #text, #given, #layer);
    let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
    arguments.set_span(extent.end);
    let check = quote_spanned!(extent.start=> ::nn_runtime::expansion::agree #arguments);
    quote!(const _: () = #check;)
}
