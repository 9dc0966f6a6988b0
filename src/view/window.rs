//! Windows of a packed view: stretches of its memory.

use super::{Layout, View};
use crate::{Error, Result};
use core::ops::Range;

impl View {
    /// Some elements of a packed view, counted as they lie in memory, as views that lie there one behind the other: what a chunk of a
    /// stream of them holds. There is at most one for each side of each axis, and one between.
    ///
    /// ```
    /// use wgpu_init::{Shape, View};
    /// let columns = View::new(&Shape::new([6, 8])?).shard(1, 1, 2)?; // 6 rows of 4
    /// let window = columns.window(3..17)?;
    /// assert_eq!(window.iter().map(View::elements).collect::<Vec<_>>(), [1, 12, 1]);
    /// assert_eq!(window[1].ranges(), [1..4, 4..8]);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotPacked`] for a view with a pitch or strides; [`Error::SliceOutOfBounds`].
    pub fn window(&self, elements: Range<u64>) -> Result<Vec<Self>> {
        let Layout::Packed { order, pitch: None } = &self.layout else { return Err(Error::NotPacked) };
        let (Range { start, end }, all) = (elements.clone(), self.elements());
        if start > end || end > all {
            return Err(Error::SliceOutOfBounds { start, end, elements: all });
        }
        let mut views = Vec::new();
        gather(self, &order[..self.rank], elements, &mut views)?;
        Ok(views)
    }
}

/// `order`: the axes that may have more than one position, the outermost in memory first.
fn gather(view: &View, order: &[usize], elements: Range<u64>, views: &mut Vec<View>) -> Result<()> {
    let Range { start, end } = elements;
    let (axis, order) = match order.split_first() {
        _ if start >= end => return Ok(()),
        Some((axis, order)) if start > 0 || end < view.elements() => (*axis, order),
        _ => {
            views.push(view.clone());
            return Ok(());
        }
    };
    // Nothing is empty here, since some element is asked for.
    let row = view.clone().part(axis, 0..1)?.elements();
    let (mut first, last) = (start / row, end / row);
    if start % row > 0 {
        let end = row.min(end - first * row);
        gather(&view.clone().part(axis, first..first + 1)?, order, start % row..end, views)?;
        first += 1;
    }
    if first < last {
        views.push(view.clone().part(axis, first..last)?);
    }
    if first <= last && end % row > 0 {
        gather(&view.clone().part(axis, last..last + 1)?, order, 0..end % row, views)?;
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use crate::{Error, Shape, View};
    use core::ops::Range;

    /// Of every window of a view's memory, the boxes hold the elements that are there, in their order.
    #[test]
    fn a_window_is_that_of_the_view() {
        let dims = [4, 3, 5];
        let shape = Shape::new(dims).unwrap();
        // Elements of a packed box in memory order.
        let listed = |ranges: &[Range<u64>], order: [usize; 3]| {
            let mut listed = vec![0];
            for axis in order {
                let step: u64 = dims[axis + 1..].iter().product();
                let further = |at: u64| ranges[axis].clone().map(move |position| at + position * step);
                listed = listed.into_iter().flat_map(further).collect();
            }
            listed
        };
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let view = View::new(&shape).part(0, 1..4).unwrap().part(2, 1..4).unwrap().permuted(order).unwrap();
            let whole = listed(&view.ranges(), order);
            assert_eq!(whole.len() as u64, view.elements());
            for start in 0..=whole.len() {
                for end in start..=whole.len() {
                    let boxes = view.window(start as u64..end as u64).unwrap();
                    assert!(boxes.len() <= 5);
                    let elements: Vec<u64> = boxes.iter().flat_map(|view| listed(&view.ranges(), order)).collect();
                    assert_eq!(elements, whole[start..end], "{start}..{end}");
                }
            }
        }
    }

    #[test]
    fn windows_that_there_are_not() {
        let view = View::new(&Shape::new([6, 8]).unwrap());
        let outside = |start, end| Error::SliceOutOfBounds { start, end, elements: 48 };
        assert_eq!(view.window(47..49), Err(outside(47, 49)));
        let (start, end) = (2, 1);
        assert_eq!(view.window(start..end), Err(outside(2, 1)));
        assert_eq!(view.clone().pitch(9).window(0..1), Err(Error::NotPacked));
        assert_eq!(view.clone().strides([8, 1]).unwrap().window(0..1), Err(Error::NotPacked));
        assert_eq!(View::new(&Shape::new([0, 8]).unwrap()).window(0..0), Ok(vec![]));
    }
}
