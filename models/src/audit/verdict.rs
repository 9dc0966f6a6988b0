//! From tests to findings: Holm's correction, what belongs together, and tensors beside each other.

use super::finding::{Finding, Kind};
use super::report::Report;
use super::tensor::{Judged, Tried};
use super::trial::{Check, Trial};
use std::collections::HashMap;

/// Where a test is: tensor, stretch, test.
type Place = (usize, usize, usize);

pub(super) fn report(mut all: Vec<Judged>, more: Vec<Finding>, level: f64) -> Report {
    let (adjusted, tests) = holm(&all);
    let mut least_p = 1.0f64;
    let mut rejected: HashMap<usize, Vec<(usize, usize, f64)>> = HashMap::new();
    for ((tensor, stretch, trial), p) in adjusted {
        least_p = least_p.min(p);
        let report = &mut all[tensor].report;
        report.tests += 1;
        report.p = report.p.min(p);
        if p < level {
            rejected.entry(tensor).or_default().push((stretch, trial, p));
        }
    }
    for (tensor, list) in rejected {
        let judged = &mut all[tensor];
        for (stretch, tried) in judged.tried.iter().enumerate() {
            let own = list.iter().filter(|(at, ..)| *at == stretch).map(|(_, trial, p)| (&tried.trials[*trial], *p));
            let found = findings(&judged.report.name, tried, &own.collect::<Vec<_>>());
            judged.report.findings.extend(found);
        }
    }
    let beside = beside(&all);
    let mut findings: Vec<Finding> = all.iter().flat_map(|judged| judged.report.findings.clone()).collect();
    findings.extend(beside.iter().cloned());
    findings.extend(more.iter().cloned());
    findings.sort_by_key(|finding| core::cmp::Reverse(finding.severity()));
    let mut tensors: Vec<_> = all.into_iter().map(|judged| judged.report).collect();
    let mut place: HashMap<String, usize> = HashMap::new();
    for (at, tensor) in tensors.iter().enumerate() {
        place.insert(tensor.name.clone(), at);
    }
    for finding in beside.into_iter().chain(more) {
        if let Some(at) = place.get(&finding.tensor) {
            tensors[*at].findings.push(finding);
        }
    }
    Report { level, tests, least_p, tensors, findings }
}

/// Every test with its chance corrected by Holm (1979): times the number of tests that are left, at least that of the one before.
fn holm(all: &[Judged]) -> (Vec<(Place, f64)>, usize) {
    let mut list: Vec<(Place, f64)> = Vec::new();
    for (tensor, judged) in all.iter().enumerate() {
        for (stretch, tried) in judged.tried.iter().enumerate() {
            list.extend(tried.trials.iter().enumerate().map(|(trial, one)| ((tensor, stretch, trial), one.p)));
        }
    }
    list.sort_by(|a, b| a.1.total_cmp(&b.1));
    let tests = list.len();
    let mut before = 0.0f64;
    for (at, (_, p)) in list.iter_mut().enumerate() {
        before = before.max((*p * (tests - at) as f64).min(1.0));
        *p = before;
    }
    (list, tests)
}

/// What the tests that a stretch fails say together.
fn findings(tensor: &str, tried: &Tried, failed: &[(&Trial, f64)]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut push = |kind, which: &dyn Fn(Check) -> bool, more: &str| {
        let these: Vec<_> = failed.iter().filter(|(trial, _)| which(trial.check)).collect();
        let Some((worst, p)) = these.iter().min_by(|a, b| a.0.p.total_cmp(&b.0.p)).map(|(trial, p)| (*trial, *p))
        else {
            return;
        };
        let seen: Vec<&str> = these.iter().map(|(trial, _)| trial.seen.as_str()).collect();
        let place = tried.place.as_ref().map_or_else(String::new, |place| format!("{place}: "));
        let message = format!("{place}not {}: {}{more}", tried.law, seen.join(", "));
        found.push(Finding { p: Some(p), check: Some(worst.check), ..Finding::new(tensor, kind, message) });
    };
    let has = |which: &dyn Fn(Check) -> bool| failed.iter().any(|(trial, _)| which(trial.check));
    let is = |check: Check| move |other: Check| other == check;
    push(Kind::RepeatedRows, &is(Check::RepeatedRows), "");
    push(Kind::RepeatedColumns, &is(Check::RepeatedColumns), "");
    let has_rows = has(&is(Check::RepeatedRows)) || has(&is(Check::RepeatedColumns));
    if !has_rows {
        push(Kind::RepeatedPages, &is(Check::RepeatedPages), "");
    }
    push(Kind::LowPrecision, &is(Check::Vacancies), "");
    let is_law = has(&Check::is_of_law);
    if is_law {
        let beyond = |(trial, _): &(&Trial, f64)| {
            tried.is_bounded && trial.p == 0.0 && matches!(trial.check, Check::Least | Check::Greatest)
        };
        let is_out = failed.iter().any(beyond);
        let is_other = has(&|check| matches!(check, Check::Mean | Check::Std | Check::Shape));
        let kind = match &tried.guess {
            Some(guess) if guess.is_shard => Kind::ShardFans,
            _ if is_out && !is_other => Kind::OutOfBounds,
            _ => Kind::WrongLaw,
        };
        let more = tried.guess.as_ref().map_or_else(String::new, |guess| format!("; {}", guess.text));
        push(kind, &Check::is_of_law, &more);
    }
    // Where the family is another one, norms of its rows are spread in another way.
    let is_family = has(&|check| check.is_of_law() && !matches!(check, Check::Mean | Check::Std));
    let is_line = |check| match check {
        Check::RowMeans | Check::ColumnMeans => true,
        Check::RowNorms | Check::ColumnNorms | Check::Blocks => !is_family || tried.is_uneven,
        _ => false,
    };
    push(Kind::Uneven, &is_line, "");
    if !is_law {
        push(Kind::Correlated, &is(Check::Neighbours), "");
    }
    found
}

/// Tensors that are alike, or should be.
fn beside(all: &[Judged]) -> Vec<Finding> {
    let mut found = Vec::new();
    let place: HashMap<&str, usize> =
        all.iter().enumerate().map(|(at, judged)| (judged.report.name.as_str(), at)).collect();
    let (mut by_digest, mut by_signs): (HashMap<_, usize>, HashMap<_, usize>) = (HashMap::new(), HashMap::new());
    for (at, judged) in all.iter().enumerate() {
        let report = &judged.report;
        if let Some(twin) = judged.tied_to.as_deref().and_then(|twin| place.get(twin)) {
            let twin = &all[*twin];
            if twin.digest != judged.digest {
                let message = format!("it should be {} and differs from it", twin.report.name);
                found.push(Finding::new(&report.name, Kind::Untied, message));
            }
            continue;
        }
        // Constants are alike by right, and so may a few elements be.
        if !judged.is_telling {
            continue;
        }
        let elements: u64 = report.shape.iter().product();
        let key = (judged.digest, &report.dtype, elements);
        if let Some(first) = by_digest.get(&key) {
            let message = format!("it is equal to {}", all[*first].report.name);
            found.push(Finding::new(&report.name, Kind::Duplicate, message));
            continue;
        }
        by_digest.insert(key, at);
        if let Some(signs) = judged.signs {
            // Those of zeros and ones, and of what is no noise.
            let ones = signs.count_ones();
            if !(8..=56).contains(&ones) {
                continue;
            }
            if let Some(first) = by_signs.get(&signs) {
                let message = format!(
                    "it is of the same random numbers as {}: the signs of the first 64 agree",
                    all[*first].report.name
                );
                found.push(Finding::new(&report.name, Kind::SameStream, message));
            } else {
                by_signs.insert(signs, at);
            }
        }
    }
    found
}
