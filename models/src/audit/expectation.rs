//! A law's chances for the bins of a spectrum, computed once for each law and dtype.

use super::element::{Cell, Element};
use super::law::Law;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The chance of what lies below the upper end of each cell, in the order of the cells.
#[derive(Debug)]
pub(super) struct Expectation {
    pub(super) below: Vec<f64>,
    /// The cells in descending order of their chance.
    pub(super) likely: Vec<(f64, usize)>,
    /// Cells that have a chance at all.
    pub(super) possible: usize,
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

/// Cells that may be called empty: more than any format has in the reach of a law but for f32's many small ones.
const LIKELY: usize = 1 << 15;

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
        let chances: Vec<f64> = below.iter().zip(before).map(|(to, from)| to - from).collect();
        let with_chance = cells.iter().zip(&chances).filter(|(_, chance)| **chance > 0.0);
        // Of f32 a bin holds many numbers, and rounding shows nowhere.
        let rounded = || law.rounded(with_chance.clone().map(|(cell, chance)| (cell.value, *chance)));
        let law = if element.is_coarse() { rounded() } else { law.clone() };
        let possible = with_chance.count();
        let mut likely: Vec<(f64, usize)> = chances.into_iter().enumerate().map(|(at, chance)| (chance, at)).collect();
        likely.sort_by(|a, b| b.0.total_cmp(&a.0));
        likely.truncate(LIKELY);
        Self { below, likely, possible, law }
    }
}
