/* Invented names. Stems are two or three syllables, drawn through a permutation so that no county
 * has one twice; what they are made of are the common words of Chinese place names. */
#include "sample_internal.h"

#include <stdio.h>

static const char *const heads[] = {
    "青", "柳", "石", "白", "竹", "松", "梅", "兰", "桂", "枫", "清", "碧", "云", "龙", "凤", "鹤",
    "金", "银", "玉", "紫", "红", "黄", "茶", "桃", "杏", "荷", "莲", "芦", "榕", "樟", "杨", "梧",
    "安", "永", "福", "吉", "和", "平", "长", "双", "三", "九", "横", "前", "官", "仙", "古", "东"};
static const char *const tails[] = {
    "溪", "山", "林", "岭", "坪", "坑", "洋", "塘", "桥", "墩", "湾", "坂", "口", "埔", "岩", "峰",
    "泉", "井", "湖", "洲", "田", "屿", "沙", "浦", "埕", "厝", "寨", "亭", "岗", "源", "潭", "渡",
    "店", "墟", "园", "坝", "尾", "头", "边", "原", "峡", "港", "岸", "堂", "楼", "仑", "垄", "川"};
static const char *const befores[] = {"",   "上", "下", "大", "小", "新",
                                      "老", "后", "里", "外", "南", "北"};
enum { N_HEADS = 48, N_TAILS = 48, N_PAIRS = N_HEADS * N_TAILS, N_BEFORES = 12 };

void xw__name_stem(xw__world *w, char out[XW__STEM])
{
    const uint32_t k = w->n_stems++, start = (uint32_t)xw__mix(w->seed, XW__FOR_NAME, 0) % N_PAIRS;
    /* 1009 is prime to 2304, so each pair comes once before the next prefix begins. */
    const uint32_t pair = (k % N_PAIRS * 1009 + start) % N_PAIRS;
    (void)snprintf(out, XW__STEM, "%s%s%s", befores[k / N_PAIRS % N_BEFORES], heads[pair / N_TAILS],
                   tails[pair % N_TAILS]);
}

static const char *const gates[] = {"东门", "西门", "南门", "北门", "城关", "中山", "文庙",  "鼓楼",
                                    "水门", "学前", "城中", "新城", "河滨", "花园", "火车站"};

uint32_t xw__n_gates(void) { return sizeof gates / sizeof gates[0]; }
void xw__name_gate(uint32_t k, char out[XW__STEM])
{
    (void)snprintf(out, XW__STEM, "%s", gates[k % xw__n_gates()]);
}

static const char *const streets[] = {
    "和平", "人民", "解放", "中山", "建设", "文化", "团结", "新华", "胜利", "光明", "朝阳", "友谊",
    "学府", "工业", "滨江", "迎宾", "振兴", "花园", "环城", "向阳", "育才", "体育", "民生", "兴业"};
static const char *const street_a[] = {"文", "永", "长", "新", "安", "兴", "福", "德",
                                       "仁", "崇", "景", "泰", "裕", "嘉", "瑞", "锦",
                                       "华", "丰", "康", "宁", "庆", "祥", "宏", "启"};
static const char *const street_b[] = {"昌", "安", "宁", "兴", "和", "康", "泰", "盛",
                                       "明", "顺", "义", "信", "贤", "源", "城", "庆",
                                       "乐", "达", "业", "园", "平", "春", "秀", "晖"};
enum { N_STREETS = 24, N_STREET_PARTS = 24 };

void xw__name_street(uint32_t k, bool avenue, bool level, char out[XW__NAME])
{
    const char *suffix = avenue ? "大道" : level ? "路" : "街";
    if (k < N_STREETS) {
        (void)snprintf(out, XW__NAME, "%s%s", streets[k], suffix);
        return;
    }
    const uint32_t i = (k - N_STREETS) * 25 % (N_STREET_PARTS * N_STREET_PARTS);
    (void)snprintf(out, XW__NAME, "%s%s%s", street_a[i / N_STREET_PARTS],
                   street_b[i % N_STREET_PARTS], suffix);
}

void xw__name_estate(xw_rng *r, char out[XW__NAME])
{
    static const char *const a[] = {"锦绣", "金色", "阳光", "碧水", "翠竹", "丽景", "世纪", "滨河",
                                    "紫荆", "香樟", "康乐", "御景", "书香", "东方", "盛世", "幸福"};
    static const char *const b[] = {"花园", "家园", "新村", "小区", "苑",
                                    "华庭", "名城", "雅居", "公馆", "湾"};
    const uint32_t i = xw_rng_below(r, 16), j = xw_rng_below(r, 10);
    (void)snprintf(out, XW__NAME, "%s%s", a[i], b[j]);
}

void xw__name_works(xw_rng *r, const char *stem, char out[48])
{
    static const char *const a[] = {"纺织厂", "茶叶厂", "竹木制品厂", "机械厂", "食品厂", "建材厂",
                                    "电子厂", "水泥厂", "陶瓷厂",     "鞋服厂", "造纸厂", "农机厂"};
    (void)snprintf(out, 48, "%s%s", stem, a[xw_rng_below(r, 12)]);
}

void xw__name_number(uint32_t n, char out[16])
{
    static const char *const d[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
    if (n >= 20 && n < 100) {
        (void)snprintf(out, 16, "%s十%s", d[n / 10], d[n % 10]);
    } else if (n >= 10 && n < 20) {
        (void)snprintf(out, 16, "十%s", d[n % 10]);
    } else if (n >= 1 && n < 10) {
        (void)snprintf(out, 16, "%s", d[n]);
    } else {
        (void)snprintf(out, 16, "%u", n);
    }
}
