//! The table of bad inputs.

mod computed;
mod devices;
mod fills;
mod places;
mod schemes;
mod structured;
mod texts;
mod values;
mod views;

use crate::host::{Fills, Host};
use wgpu_init::Result;

/// What is bad: a call, or fills that are valid until they are recorded.
pub(crate) enum Bad {
    Call(Box<dyn Fn() -> Result<()>>),
    Record(for<'a> fn(&'a Host) -> Result<Fills<'a>>),
}

/// A bad input, the variant of `Error` it gives (the root, where it is a fill of a list), and what the message must say.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) variant: &'static str,
    pub(crate) says: String,
    pub(crate) bad: Bad,
}

impl Row {
    pub(crate) fn call(
        name: impl Into<String>,
        variant: &'static str,
        says: impl Into<String>,
        bad: impl Fn() -> Result<()> + 'static,
    ) -> Self {
        Self { name: name.into(), variant, says: says.into(), bad: Bad::Call(Box::new(bad)) }
    }

    pub(crate) fn record(
        name: &str,
        variant: &'static str,
        says: &str,
        bad: for<'a> fn(&'a Host) -> Result<Fills<'a>>,
    ) -> Self {
        Self { name: name.into(), variant, says: says.into(), bad: Bad::Record(bad) }
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = values::not_finite();
    rows.extend(values::parameters());
    rows.extend(computed::computed());
    rows.extend(schemes::schemes());
    rows.extend(schemes::widths());
    rows.extend(schemes::layers());
    rows.extend(schemes::rows());
    rows.extend(values::overflows());
    rows.extend(values::windows());
    rows.extend(views::views());
    rows.extend(texts::shapes());
    rows.extend(texts::texts());
    rows.extend(structured::structured());
    rows.extend(fills::slices_and_offsets());
    rows.extend(fills::ranges());
    rows.extend(fills::overlaps());
    rows.extend(places::outside());
    rows.extend(places::targets());
    rows.extend(places::parts());
    rows.extend(devices::small_devices());
    rows.extend(devices::small_plans());
    rows.extend(devices::chosen_shaders());
    rows.extend(devices::devices());
    rows
}
