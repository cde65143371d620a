//! Where a training that diverged went wrong: asked once, at its end.

use crate::origin::{Origin, all_finite};
use crate::{Learn, Network, ParameterKind, Result, Rows};

/// Of the batch whose loss, or whose gradient's norm, was not finite; the parameters are still those of its step.
pub(super) fn of_batch<N: Learn>(
    network: &mut N,
    inputs: N::Inputs<'_>,
    targets: N::Targets<'_>,
    rows: Rows<'_>,
    loss: f64,
) -> Result<Origin> {
    let traced = network.trace_rows(inputs, targets, rows)?;
    if let Some(data @ (Origin::Input { .. } | Origin::Target { .. })) = traced {
        return Ok(data);
    }
    // Every layer behind a parameter that is lost is lost, too.
    if let Some(name) = lost_parameter(network) {
        return Ok(Origin::Parameter { name });
    }
    Ok(match (traced, lost_gradient(network)) {
        // The backward pass comes to a layer's parameters before it comes to the layers before it.
        (Some(Origin::InputGradient { layer }), Some(parameter))
            if place_of::<N>(parameter) >= place_of::<N>(layer) =>
        {
            Origin::Gradient { parameter }
        }
        (Some(seen), _) => seen,
        (None, _) if !loss.is_finite() => Origin::Loss,
        (None, Some(parameter)) => Origin::Gradient { parameter },
        (None, None) => Origin::Norm,
    })
}

/// Of an update after which no loss was looked at, if it lost a parameter; the gradients are still those it was made of.
pub(super) fn of_update<N: Network>(network: &N) -> Option<Origin> {
    let name = lost_parameter(network)?;
    let parameter = lost_gradient(network);
    Some(
        parameter.map_or(Origin::Parameter { name }, |parameter| Origin::Gradient {
            parameter,
        }),
    )
}

/// The last parameter that is not finite: where several are, the backward pass came to it first. Running statistics do
/// not count, which the forward pass changes.
fn lost_parameter<N: Network>(network: &N) -> Option<&'static str> {
    let mut weights = N::PARAMETERS
        .iter()
        .filter(|p| p.kind != ParameterKind::State)
        .rev();
    weights
        .find(|p| !all_finite(&network.parameters()[p.range()]))
        .map(|p| p.name)
}

/// The last parameter whose gradient is not finite.
fn lost_gradient<N: Network>(network: &N) -> Option<&'static str> {
    let mut gradients = N::PARAMETERS
        .iter()
        .rev()
        .filter_map(|p| Some((p.name, network.gradients().get(p.range())?)));
    gradients
        .find(|(_, gradient)| !all_finite(gradient))
        .map(|(name, _)| name)
}

/// Place of a layer, or of a parameter's layer, in the network.
fn place_of<N: Network>(name: &str) -> Option<usize> {
    let layer = name.rsplit_once('.').map_or(name, |(layer, _)| layer);
    N::LAYERS.iter().position(|l| l.name == layer)
}
