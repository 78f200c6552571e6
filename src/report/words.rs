//! What the page says, in English and Chinese.

use super::manifest::Manifest;
use crate::outcome::label;

/// Headings and columns that only the page has; all others are those of the summary.
const WORDS: &[(&str, &str, &str)] = &[
    ("credit_position", "Credit position", "信用状况"),
    ("in_short", "In short", "要点"),
    ("contents", "Sections", "目录"),
    ("open_receivables", "Open receivables", "应收账款余额"),
    ("exposure_and_limits", "Exposure against limit", "敞口与额度"),
    ("over_limit", "Over limit", "超额度"),
    ("within_limit", "Within limit", "额度内"),
    ("free_limit", "Free limit", "可用额度"),
    ("orders_stopped", "Orders stopped", "未放行订单"),
    ("completeness", "Completeness", "完整性"),
    ("complete", "Complete", "完整"),
    ("concentration", "Concentration", "集中度"),
    ("most_overdue", "Customers that owe most past due", "逾期金额最大的客户"),
    ("most_over_limit", "Customers over their limit", "超额度客户"),
    ("amount_by_rung", "Amounts by rung", "各档位金额"),
    ("by_owner", "By owner and approval", "按负责人与审批"),
    ("owner", "Owner", "负责人"),
    ("nobody_named", "nobody named", "未指定"),
    ("no_approval", "none needed", "无需审批"),
    ("largest_stopped", "The largest orders stopped", "金额最大的未放行订单"),
    ("orders_and_warnings", "Orders and warnings", "订单与预警"),
    ("open_questions", "What failed or is incomplete", "失败与缺失"),
    ("made_of", "What this page is made of", "数据来源"),
    ("order", "Order", "订单"),
    ("over_by", "Over by", "超出"),
    ("free", "Free", "可用"),
    ("share", "Share", "占比"),
    ("coverage", "Rate", "计提率"),
    ("undisputed", "Undisputed", "无争议"),
    ("next_action", "Next action", "下一步措施"),
    ("oldest", "Oldest, days", "最长逾期天数"),
    ("unlimited", "unlimited", "无上限"),
    ("no_limit", "none", "无额度"),
    ("first", "First", "首例"),
    ("place", "Place", "位置"),
    ("value", "Value", "值"),
    ("line", "Line", "行"),
    ("sha256", "SHA-256", "SHA-256"),
    ("not_checked", "(not checked)", "（未检查）"),
    ("no_warning", "(none)", "（无）"),
    ("no_tier", "(no tier)", "（无等级）"),
    ("all_customers", "All customers", "全部客户"),
    ("and_more", "more", "项"),
    ("show_all", "Show all", "显示全部"),
    ("show_fewer", "Show fewer", "收起"),
    ("sort_by", "sort", "排序"),
    ("undecided", "Decisions that could not be made", "未能作出的判定"),
    ("unreadable", "Rows and values that could not be read", "未能读取的行与值"),
    ("policy", "Policy", "政策"),
    ("version", "Version", "版本"),
    ("digest", "Digest", "摘要"),
    ("book_of", "Book of", "账册日期"),
    ("program", "Program", "程序"),
];

/// A language, and what the policy calls its values in it.
#[derive(Clone, Copy)]
pub(super) struct Words<'m> {
    language: &'m str,
    manifest: &'m Manifest,
}

impl<'m> Words<'m> {
    pub(super) fn new(language: &'m str, manifest: &'m Manifest) -> Self {
        Self { language, manifest }
    }

    /// `en`, `zh`.
    pub(super) fn code(self) -> &'m str {
        self.language
    }

    /// The language as HTML names it.
    pub(super) fn tag(self) -> &'static str {
        self.pick("en", "zh-Hans")
    }

    /// The one of two texts that is in the language.
    pub(super) fn pick<T>(self, en: T, zh: T) -> T {
        if self.language == "zh" { zh } else { en }
    }

    /// What a heading or column is called.
    pub(super) fn say(self, key: &str) -> String {
        match WORDS.iter().find(|(known, ..)| *known == key) {
            Some((_, en, zh)) => self.pick(*en, *zh).into(),
            None => label(key, self.language),
        }
    }

    /// What a value is called: by the policy, or else as everywhere.
    pub(super) fn value(self, kind: &str, value: &str) -> String {
        let given = self.manifest.label(kind, value, self.language);
        given.map_or_else(|| label(value, self.language), Into::into)
    }

    /// A tier: its id and, where the policy gives one, its name.
    pub(super) fn tier(self, tier: &str) -> String {
        match self.manifest.label("tier", tier, self.language) {
            _ if tier.is_empty() => self.say("no_tier"),
            Some(name) => format!("{tier} \u{b7} {name}"),
            None => tier.into(),
        }
    }
}
