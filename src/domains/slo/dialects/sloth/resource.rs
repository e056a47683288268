//! Sloth's objectives as a resource of Kubernetes.
use super::{
    check,
    form::{self, camel},
    level::{Form, Object, ServiceLevel, Texts},
};
use crate::kernel::{
    diagnostic::Finding,
    spec::{Field, decode::Reading, rules},
};
use serde::{Deserialize, de::IgnoredAny};
use std::collections::BTreeMap;

/// The outermost fields of a resource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resource {
    #[serde(rename = "apiVersion")]
    _api_version: Field<IgnoredAny>,
    #[serde(rename = "kind")]
    _kind: Field<IgnoredAny>,
    metadata: Field<Metadata>,
    #[serde(rename = "spec")]
    _spec: Field<IgnoredAny>,
    #[serde(rename = "status")]
    _status: Option<Field<IgnoredAny>>,
}

/// What a resource says of itself. The fields without a use here are those that Kubernetes fills in.
///
/// Source: the Kubernetes API reference, `ObjectMeta`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Metadata {
    name: Field<String>,
    namespace: Option<Field<String>>,
    labels: Option<Field<BTreeMap<String, Field<String>>>>,
    annotations: Option<Field<BTreeMap<String, Field<String>>>>,
    #[serde(rename = "generateName")]
    _generate_name: Option<Field<IgnoredAny>>,
    #[serde(rename = "selfLink")]
    _self_link: Option<Field<IgnoredAny>>,
    #[serde(rename = "uid")]
    _uid: Option<Field<IgnoredAny>>,
    #[serde(rename = "resourceVersion")]
    _resource_version: Option<Field<IgnoredAny>>,
    #[serde(rename = "generation")]
    _generation: Option<Field<IgnoredAny>>,
    #[serde(rename = "creationTimestamp")]
    _creation_timestamp: Option<Field<IgnoredAny>>,
    #[serde(rename = "deletionTimestamp")]
    _deletion_timestamp: Option<Field<IgnoredAny>>,
    #[serde(rename = "deletionGracePeriodSeconds")]
    _deletion_grace_period_seconds: Option<Field<IgnoredAny>>,
    #[serde(rename = "ownerReferences")]
    _owner_references: Option<Field<IgnoredAny>>,
    #[serde(rename = "finalizers")]
    _finalizers: Option<Field<IgnoredAny>>,
    #[serde(rename = "managedFields")]
    _managed_fields: Option<Field<IgnoredAny>>,
}

impl Metadata {
    pub(super) fn object(self) -> Object {
        let texts = |map: Option<Field<Texts>>| map.and_then(Field::into_value).unwrap_or_default();
        Object {
            name: self.name,
            namespace: self.namespace,
            labels: texts(self.labels),
            annotations: texts(self.annotations),
        }
    }
}

/// Reads a resource.
pub(super) fn decode(reading: &Reading<'_>) -> Option<ServiceLevel> {
    let tree = reading.tree();
    let resource: Resource = reading.decode(tree.root, None)?;
    let object = resource.metadata.into_value().map(Metadata::object);
    if let Some(name) = object.as_ref().map(|object| &object.name)
        && name.get().is_some_and(String::is_empty)
    {
        let message = "`metadata.name` is empty";
        reading.report(Finding::new(&rules::INVALID_VALUE, name.place(), message));
    }
    let spec = tree.get(tree.root, "spec")?;
    let level: camel::Level = form::decoded(reading, spec, Form::Resource)?;
    let mut level = level.read(Form::Resource, reading.place(tree.root), reading);
    level.object = object;
    check::check(&mut level, reading);
    Some(level)
}
