//! Names of firms that do not exist.

use super::random::Random;

const CITIES: &[&str] = &[
    "宁波", "苏州", "佛山", "东莞", "青岛", "无锡", "温州", "泉州", "烟台", "常州", "嘉兴", "绍兴", "中山", "合肥",
    "长沙", "郑州", "武汉", "成都", "重庆", "西安",
];
const FIRST: &[&str] =
    &["恒", "瑞", "鑫", "华", "嘉", "盛", "宏", "泰", "润", "德", "锦", "卓", "启", "安", "凯", "远"];
const SECOND: &[&str] =
    &["达", "丰", "源", "信", "通", "和", "诚", "昌", "业", "隆", "发", "康", "联", "兴", "祥", "博"];
const ENGLISH: &[&str] = &[
    "Northgate",
    "Harbour",
    "Silver Oak",
    "Redstone",
    "Blue River",
    "Lakeside",
    "Evergreen",
    "Summit",
    "Crossfield",
    "Bright Star",
    "Long March",
    "Golden Gate",
];

/// What a firm of this trade is called.
pub(super) fn company(random: &mut Random, industry: &str, english: bool) -> String {
    let (zh, en) = match industry {
        "manufacturing" => ("机械制造", "Machinery"),
        "wholesale" => ("贸易", "Trading"),
        "retail" => ("商贸", "Stores"),
        "construction" => ("建设工程", "Construction"),
        _ => ("科技服务", "Services"),
    };
    if english {
        format!("{} {en} Co. Ltd.", random.pick(ENGLISH))
    } else {
        format!("{}{}{}{zh}有限公司", random.pick(CITIES), random.pick(FIRST), random.pick(SECOND))
    }
}
