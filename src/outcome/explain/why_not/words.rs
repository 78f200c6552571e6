//! The sentences of a clause that does not hold, as templates in English and Chinese.

/// name, English, Chinese.
const SENTENCES: &[(&str, &str, &str)] = &[
    ("at_least", "is {seen}, {by} short of {bound}", "现为 {seen}，距 {bound} 还差 {by}"),
    ("more_than", "is {seen}, needs more than {bound}: {by} short", "现为 {seen}，须大于 {bound}，差 {by}"),
    ("at_most", "is {seen}, {by} over {bound}", "现为 {seen}，比 {bound} 多 {by}"),
    ("less_than", "is {seen}, needs less than {bound}: {by} over", "现为 {seen}，须小于 {bound}，多 {by}"),
    ("more_than_number", "is {seen}, needs more than {bound}", "现为 {seen}，须大于 {bound}"),
    ("less_than_number", "is {seen}, needs less than {bound}", "现为 {seen}，须小于 {bound}"),
    ("equal_by", "is {seen}, needs {bound}: {by} away", "现为 {seen}，须为 {bound}，相差 {by}"),
    ("equal", "is {seen}, needs {bound}", "现为 {seen}，须为 {bound}"),
    ("not_equal", "is {seen}, and must not be", "现为 {seen}，须为其他值"),
    ("date_at_least", "is {seen}, {by} before {bound}", "现为 {seen}，比 {bound} 早 {by}"),
    ("date_more_than", "is {seen}, needs to be after {bound}: {by} short", "现为 {seen}，须晚于 {bound}，差 {by}"),
    ("date_at_most", "is {seen}, {by} after {bound}", "现为 {seen}，比 {bound} 晚 {by}"),
    ("date_less_than", "is {seen}, needs to be before {bound}: {by} late", "现为 {seen}，须早于 {bound}，晚 {by}"),
    ("today_at_least", "was on {seen}, {by} ago", "已于 {seen} 过期，过去 {by}"),
    ("today_more_than", "is {seen}, needs to lie ahead", "现为 {seen}，须在基准日之后"),
    ("today_at_most", "from {seen}, {by} away", "自 {seen} 起，还差 {by}"),
    ("today_less_than", "until {seen}, over in {by}", "至 {seen} 止，{by}后结束"),
    ("one_of", "is {seen}, needs one of {bound}", "现为 {seen}，须为 {bound} 之一"),
    ("none_of", "is {seen}, needs none of {bound}", "现为 {seen}，须不属于 {bound}"),
    ("blank", "is {seen}, and would have to be missing", "现为 {seen}，须为空"),
    ("not_known", "not known: {missing}", "无法得知：{missing}"),
    ("not_given", "missing: {missing}", "缺少：{missing}"),
    ("enter", "enter `{name}` at {place}", "请在 {place} 填写 `{name}`"),
    ("has_none", "`{name}` has no value", "`{name}` 没有值"),
    ("all_known", "everything it needs is known", "所需数据齐全"),
    ("failed", "cannot be computed: {reason}", "无法计算：{reason}"),
    ("never", "never", "从不"),
    ("follows", "follows from the others", "取决于其他条件"),
    ("why_not", "why not {rule}", "为何不是 {rule}"),
    ("to_lift", "to lift {rule}", "解除 {rule} 的条件"),
    ("binds_most", "bound by {step}: {by} below {before}", "受限于 {step}：比 {before} 少 {by}"),
    ("binds_least", "raised by {step}: {by} above {before}", "经 {step} 提高：比 {before} 多 {by}"),
    ("away", "nearest that did not bind: {step}, {by} away", "最接近但未起作用：{step}，相距 {by}"),
    ("day", "1 day", "1 天"),
    ("days", "{count} days", "{count} 天"),
    ("month", "1 month", "1 个月"),
    ("months", "{count} months", "{count} 个月"),
    ("point", "1 point", "1 个百分点"),
    ("points", "{count} points", "{count} 个百分点"),
    ("money", "{count} {currency}", "{count} {currency}"),
    ("money_cny", "{count} CNY", "{count} 元"),
    ("number", "{count}", "{count}"),
];

/// A sentence with its values.
pub(super) fn say(name: &str, language: &str, values: &[(&str, &str)]) -> String {
    let template = match SENTENCES.iter().find(|(known, ..)| *known == name) {
        Some((_, _, zh)) if language == "zh" => zh,
        Some((_, en, _)) => en,
        None => name,
    };
    let mut out = String::new();
    let mut rest = template;
    // One pass: a value with a brace in it stays as it is.
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((key, behind)) = after.split_once('}') else { break };
        out.push_str(values.iter().find(|(known, _)| *known == key).map_or("", |(_, value)| value));
        rest = behind;
    }
    out.push_str(rest);
    out
}
