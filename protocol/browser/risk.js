// The risk of exposures at venues under the authority's parameters, as docs/protocol.md section 9
// has it for windows: the levels of days.

const REPORT_TYPES = [null, 'confirmed_test', 'clinical_diagnosis', 'self_report', 'recursive'];
const STANDARD = 1;
// Of documents that do not say it, as in the Rust crate.
const DEFAULT_TIME_WEIGHT = 50;
const DAY_SECONDS = 86_400;

/** The exposures, each with the `level` of its UTC day: none, low or high. */
export function levels(exposures, risk, rules) {
  const sums = new Map();
  const dayOf = ({ from }) => Math.floor(from / DAY_SECONDS);
  for (const exposure of exposures) {
    const score = scoreOf(exposure, risk, rules);
    if (score <= 0 || score < risk.minimum_window_score) continue;
    const day = dayOf(exposure);
    sums.set(day, (sums.get(day) ?? 0) + score);
  }
  return exposures.map((exposure) => ({ ...exposure, level: levelOf(sums.get(dayOf(exposure)) ?? 0, risk) }));
}

function scoreOf({ from, until, reportType, infectiousness }, risk, rules) {
  const weighted = ((until - from) * (rules.time_weight ?? DEFAULT_TIME_WEIGHT)) / 100;
  const byType = risk.report_type_weights[REPORT_TYPES[reportType]] ?? 0;
  const byCase = infectiousness === STANDARD ? risk.standard_infectiousness_weight : risk.high_infectiousness_weight;
  return ((weighted * byType) / 100) * (byCase / 100);
}

function levelOf(sum, risk) {
  if (sum >= risk.high_from_daily_score) return 'high';
  return sum >= risk.low_from_daily_score ? 'low' : 'none';
}
