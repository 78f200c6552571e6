//! What people call columns, values and headings, in English and Chinese.

use std::collections::BTreeMap;

use super::actions::constant;
use crate::plan::{Emit, Form, Node, Plan};

/// header or heading, English, Chinese; no English: the header itself with blanks for `_`.
const LABELS: &[(&str, &str, &str)] = &[
    // headings
    ("as_of", "as of", "截至"),
    ("total", "Total", "合计"),
    ("count", "Count", "数量"),
    ("no_value", "(none)", "（无）"),
    ("failed", "failed", "失败"),
    ("customers", "Customers", "客户数"),
    ("items", "Items", "笔数"),
    ("orders_count", "Orders", "订单数"),
    ("actions_count", "Actions", "件数"),
    ("by_tier", "Customers by tier", "客户等级分布"),
    ("by_warning", "Warnings", "预警"),
    ("by_ageing", "Receivables by age", "应收账款账龄"),
    ("by_decision", "Orders", "订单检查"),
    ("by_rung", "Actions proposed", "建议措施"),
    ("by_failure", "Not decided", "未能判定"),
    ("by_reject", "Not read", "未能读取"),
    ("rows", "Rows", "行数"),
    ("times", "Times", "次数"),
    ("decision_name", "Decision", "判定项"),
    ("table", "Table", "表"),
    ("file", "File", "文件"),
    ("column", "Column", "列"),
    ("reason", "Reason", "原因"),
    ("ladder", "Ladder", "阶梯"),
    ("rung", "Rung", "档位"),
    ("evidence_for", "evidence", "取证"),
    ("used", "Used", "占用率"),
    ("more", "and more in", "更多见"),
    ("nothing_proposed", "nothing is proposed", "无建议措施"),
    ("hindsight", "undated in the book, so known only as of its own date", "账册未注明日期，只知账册日的情况"),
    ("unread", "columns nobody reads", "未使用的列"),
    ("set_aside", "rows set aside", "行搁置"),
    ("rows_put_out", "rows put out, those where", "行输出，条件"),
    ("table_off", "not put out, as the policy says", "按政策不输出"),
    ("customers_referred", "customers that a person must look at", "须人工处理的客户"),
    ("written_to", "written to", "已写入"),
    // explain
    ("why", "Why", "原因"),
    ("rule", "rule", "规则"),
    ("because", "because", "因为"),
    ("open_items", "Open items", "未结账款"),
    ("proposed_for", "Actions proposed", "建议措施"),
    ("held_by", "held by", "暂缓原因"),
    ("reached", "reached", "已到"),
    ("done", "done", "已执行"),
    ("done_on", "done on", "执行日"),
    ("passed", "passed", "已过"),
    ("proposed", "proposed", "建议"),
    ("ready", "ready", "可执行"),
    ("goes_out", "goes out", "发出"),
    ("not_applied", "does not apply", "不适用"),
    ("first", "from", "自"),
    ("last", "to", "至"),
    ("days", "days", "天数"),
    ("balance", "balance", "余额"),
    ("rate", "rate", "利率"),
    ("bears", "bears interest", "计息金额"),
    ("comes_to", "comes to", "金额"),
    ("by", "by", "按"),
    ("day", "day", "日期"),
    ("applies", "applies", "适用"),
    ("applies_when", "applies when", "适用条件"),
    ("open_while", "open while", "视为未结的条件"),
    ("anchor", "anchor", "起算日"),
    ("first_anchor", "first anchor", "首次起算日"),
    ("period", "period", "周期"),
    ("episode", "episode", "轮次"),
    ("held", "held", "暂缓"),
    ("rested", "rested", "间隔已满"),
    ("attempts", "attempts", "已执行次数"),
    ("level", "level", "已达档位"),
    ("last_contact", "last contact", "最近联系"),
    ("days_between_contacts", "days between contacts", "联系间隔天数"),
    ("last_done_on", "last done on", "最近执行日"),
    ("done_today", "done today", "当日已执行"),
    ("letter_total", "letter total", "函件合计"),
    ("letter_at_least", "letter at least", "发函起点"),
    ("letter_is_enough", "letter is enough", "达到发函起点"),
    ("yes", "yes", "是"),
    ("no", "no", "否"),
    // watch
    ("watching", "watching", "监视中："),
    ("ends", "ctrl-c ends", "按 ctrl-c 结束"),
    ("loaded", "loaded", "已加载"),
    ("back_to", "back to", "已恢复"),
    ("same_meaning", "it means what it meant before", "含义与之前相同"),
    ("refused", "refused", "未采用"),
    ("refused_tests", "refused: a test of the policy fails", "未采用：政策测试未通过"),
    ("would_change", "in use, it would change:", "若采用，将有如下变动："),
    ("tests_passed", "tests passed", "项测试通过"),
    ("stays_in_use", "stays in use", "继续使用"),
    ("nothing_in_use", "nothing is in use yet: waiting for a policy that can be used", "尚无可用政策，等待中"),
    ("book_read", "book", "账册"),
    ("book_read_again", "the book changed", "账册已变更"),
    ("not_compared", "no decisions to show until this is mended", "修正前无判定可比"),
    // differences
    ("no_decision_changed", "no decision changed", "判定无变化"),
    ("currency_changed", "the currency changed, amounts are not compared:", "币种已变更，金额不作比较："),
    ("rows_new", "new rows", "新增行"),
    ("rows_gone", "rows gone", "减少行"),
    ("columns_new", "new columns", "新增列"),
    ("columns_gone", "columns gone", "减少列"),
    ("who_moved", "who moved", "变动对象"),
    ("moved", "Moved", "变动"),
    ("who", "Who", "对象"),
    ("amounts", "amounts", "金额"),
    ("up", "Up", "上升"),
    ("down", "Down", "下降"),
    ("by_amount", "By", "变动额"),
    ("given", "New", "新有"),
    ("taken", "None now", "已无"),
    ("before", "Before", "变更前"),
    ("after", "After", "变更后"),
    ("difference", "Difference", "差额"),
    ("largest", "Largest", "变动最大"),
    ("steps_moved", "their steps and parts moved too", "其步骤与组成部分亦变动"),
    ("added", "Added", "新增"),
    ("gone", "Gone", "取消"),
    ("now", "Now", "现有"),
    // tables
    ("decisions", "Decisions", "判定"),
    ("invoices", "Invoices", "发票"),
    ("orders", "Orders", "订单"),
    ("portfolio", "Portfolio", "全部客户"),
    ("actions", "Actions", "措施"),
    ("invariants", "Invariants", "底线规则"),
    // columns
    ("id", "Id", "编号"),
    ("name", "Name", "名称"),
    ("group", "Group", "集团"),
    ("customer", "Customer", "客户"),
    ("incomplete", "Incomplete", "资料不全"),
    ("referred", "Referred", "转人工"),
    ("score", "Score", "评分"),
    ("tier", "Tier", "等级"),
    ("notches", "Notches", "等级调整"),
    ("limit_state", "Limit state", "额度状态"),
    ("limit_amount", "Limit", "额度"),
    ("limit_start", "Limit start", "额度起点"),
    ("limit_source", "Limit source", "额度来源"),
    ("limit_ordinary", "Ordinary limit", "常规额度"),
    ("limit_ordinary_state", "Ordinary limit state", "常规额度状态"),
    ("limit_withheld", "Rise withheld", "暂缓上调"),
    ("limit_left", "Limit left", "可用额度"),
    ("limit_used_share", "Limit used", "额度使用率"),
    ("computed", "computed", "系统测算"),
    ("previous_limit", "Previous limit", "现行额度"),
    ("review_due_on", "Review due on", "下次复审日"),
    ("exposure", "Exposure", "敞口"),
    ("receivables", "Receivables", "应收账款"),
    ("overdue", "Overdue", "逾期"),
    ("oldest_days_past_due", "Oldest, days past due", "最长逾期天数"),
    ("terms", "Terms", "付款条件"),
    ("net_days", "Net days", "账期天数"),
    ("prepay_share", "Prepayment share", "预付比例"),
    ("discount_share", "Discount", "现金折扣率"),
    ("discount_within_days", "Discount within days", "折扣期天数"),
    ("security", "Security", "担保"),
    ("warning", "Warning", "预警"),
    ("warnings", "Warnings", "预警项"),
    ("approval", "Approval", "审批"),
    ("approval_state", "Approval state", "审批状态"),
    ("approval_next", "Next to approve", "下一审批人"),
    ("approval_in_order", "Approved by", "审批顺序"),
    ("approval_distinct_people", "Distinct people", "须由不同人审批"),
    ("late_charges", "Late charges", "逾期费用"),
    ("provision", "Provision", "坏账准备"),
    ("invoice", "Invoice", "发票"),
    ("issue_date", "Issued", "开票日"),
    ("due_date", "Due", "到期日"),
    ("amount", "Amount", "金额"),
    ("open", "Open", "未付"),
    ("disputed_open", "Disputed", "争议"),
    ("settled_on", "Settled on", "结清日"),
    ("days_past_due", "Days past due", "逾期天数"),
    ("ageing", "Age", "账龄"),
    ("checkpoint", "Checkpoint", "检查点"),
    ("decision", "Decision", "结果"),
    ("hits", "Rules hit", "命中规则"),
    ("currency", "Currency", "币种"),
    ("own_amount", "Amount in its currency", "原币金额"),
    ("own_open", "Open in its currency", "原币未付"),
    // values
    ("current", "not due", "未到期"),
    ("reject", "reject", "拒绝"),
    ("hold", "hold", "暂停"),
    ("prepay", "prepay", "预付"),
    ("refer", "refer", "转人工"),
    ("pass", "pass", "通过"),
    ("finance", "finance", "财务"),
    ("sales", "sales", "销售"),
    ("management", "management", "管理层"),
    ("collector", "collector", "催收员"),
    ("confirmation", "confirmation", "接单确认"),
    ("shipment", "shipment", "发货"),
    ("yellow", "yellow", "黄"),
    ("orange", "orange", "橙"),
    ("red", "red", "红"),
];

/// What people call a column, a heading or a value; the text itself, blanks for `_`, where nobody gave it a name.
pub fn label(text: &str, language: &str) -> String {
    match LABELS.iter().find(|(known, ..)| *known == text) {
        Some((_, _, zh)) if language == "zh" => (*zh).into(),
        Some((_, en, _)) => (*en).into(),
        None => band(text, language).unwrap_or_else(|| text.replace('_', " ")),
    }
}

/// Whether a text has a name of its own.
pub(crate) fn is_known(text: &str) -> bool {
    LABELS.iter().any(|(known, ..)| *known == text)
}

/// What people call a node: what its policy calls it, or else what its column is called.
pub(crate) fn label_of(given: &BTreeMap<String, String>, header: &str, language: &str) -> String {
    // A plain text stands for every language; words of another language do not.
    let own = given.get(language).or_else(|| given.get(""));
    own.cloned().unwrap_or_else(|| label(header, language))
}

/// What a policy calls one of its ladders.
pub(crate) fn label_of_ladder(plan: &Plan, ladder: &str, language: &str) -> String {
    match super::actions::family(plan, ladder) {
        Some(family) => label_of_family(plan, family, language),
        None => label(ladder, language),
    }
}

/// What a policy calls a rung of one of its ladders.
pub(crate) fn label_of_rung(plan: &Plan, ladder: &str, rung: &str, language: &str) -> String {
    label_of(&given_to_rung(plan, ladder, rung), rung, language)
}

/// What a policy calls a family of nodes, `ladder.collection` and what is under it.
pub(super) fn label_of_family(plan: &Plan, family: &str, language: &str) -> String {
    let short = family.rsplit('.').next().unwrap_or(family);
    given_to_family(plan, family).map_or_else(|| label(short, language), |given| label_of(given, short, language))
}

/// The label of the family's node that has one. What a rung is called names the rung alone.
pub(super) fn given_to_family<'p>(plan: &'p Plan, family: &str) -> Option<&'p BTreeMap<String, String>> {
    let under = |name: &str| name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let is_rung = |node: &Node| matches!(node.form, Form::Emit(_));
    let labelled = plan.nodes.iter().find(|n| !n.label.is_empty() && under(&n.name) && !is_rung(n));
    labelled.map(|node| &node.label)
}

/// What people call a rung, by language: what its policy says; a rung that collects evidence for another is called after
/// it. Empty where nobody gave it a name.
pub(super) fn given_to_rung(plan: &Plan, ladder: &str, rung: &str) -> BTreeMap<String, String> {
    let own = |rung: &str| {
        let is = |emit: &Emit| constant(emit, "ladder") == ladder && constant(emit, "rung") == rung;
        let node = plan.nodes.iter().find(|node| matches!(&node.form, Form::Emit(emit) if is(emit)))?;
        Some(node.label.clone()).filter(|given| !given.is_empty())
    };
    let of_other = || {
        let other = own(rung.strip_suffix("_evidence")?)?;
        let named = |(language, text): (String, String)| {
            let evidence = label("evidence_for", &language);
            let text = if language == "zh" { format!("{text}{evidence}") } else { format!("{text}, {evidence}") };
            (language, text)
        };
        Some(other.into_iter().map(named).collect())
    };
    own(rung).or_else(of_other).unwrap_or_default()
}

/// `d1_30` and `over_90` as people write them.
fn band(text: &str, language: &str) -> Option<String> {
    let zh = language == "zh";
    let whole = |text: &str| text.parse::<u32>().ok();
    if let Some(days) = text.strip_prefix("over_").and_then(whole) {
        return Some(if zh { format!("{days} 天以上") } else { format!("over {days} days") });
    }
    let (first, last) = text.strip_prefix('d')?.split_once('_')?;
    let (first, last) = (whole(first)?, whole(last)?);
    Some(if zh { format!("{first}–{last} 天") } else { format!("{first}–{last} days") })
}
