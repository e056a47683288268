//! A plan in a few characters, so that a drill knows which state of it was tested.
use super::spec::DisasterRecoveryPlan;
use ring::digest;

/// Octets of the hash that are kept.
const KEPT: usize = 8;

/// The beginning of the SHA-256 of what is done and what there are copies of, in hexadecimal digits. `None` of a
/// plan of which a part could not be read.
pub fn digest(plan: &DisasterRecoveryPlan) -> Option<String> {
    let text = serde_json::to_string(&(
        &plan.disruptions,
        &plan.steps,
        plan.people.as_ref(),
        &plan.backups,
    ))
    .ok()?;
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    Some(hash.as_ref().iter().take(KEPT).map(|octet| format!("{octet:02x}")).collect())
}
