//! A law's chances for the bins of a spectrum, computed once for each law and dtype.

use super::element::{Cell, Element};
use super::law::Law;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The chance of what lies below the upper end of each cell, in the order of the cells.
#[derive(Debug)]
pub(super) struct Expectation {
    pub(super) below: Vec<f64>,
    /// The law with the moments that it has in this dtype.
    pub(super) law: Law,
}

/// The cells of a dtype.
pub(super) fn cells(element: Element) -> Arc<Vec<Cell>> {
    static CELLS: OnceLock<Mutex<HashMap<Element, Arc<Vec<Cell>>>>> = OnceLock::new();
    let mut known = CELLS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(element).or_insert_with(|| Arc::new(element.cells())))
}

/// Models have few laws; of one with more, some are computed again.
const KEPT: usize = 32;

/// What is kept between tensors.
#[derive(Debug, Default)]
pub(super) struct Expectations(Mutex<HashMap<(String, Element), Arc<Expectation>>>);

impl Expectations {
    /// Of a law, by its text.
    pub(super) fn get(&self, name: &str, law: &Law, element: Element) -> Arc<Expectation> {
        let key = (name.to_owned(), element);
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        let made = Arc::new(Expectation::new(law, element));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(key, Arc::clone(&made));
        made
    }
}

impl Expectation {
    pub(super) fn new(law: &Law, element: Element) -> Self {
        let cells = cells(element);
        let below: Vec<f64> = cells.iter().map(|cell| law.below(cell.upper)).collect();
        let before = std::iter::once(0.0).chain(below.iter().copied());
        let chances = cells.iter().zip(below.iter().zip(before)).map(|(cell, (to, from))| (cell.value, to - from));
        let chances = chances.filter(|(_, chance)| *chance > 0.0);
        // Of f32 a bin holds many numbers, and rounding shows nowhere.
        let law = if element.is_coarse() { law.rounded(chances) } else { law.clone() };
        Self { below, law }
    }
}
