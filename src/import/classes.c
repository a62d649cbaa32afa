#include "internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Values of tags and columns, parted by blanks; a Chinese value counts when it is part of the text
 * ("G15 国道"), an English one when it is all of it. The first row that fits decides. */
typedef struct row {
    unsigned result;
    const char *values;
} row;

static const row roads[] = {
    {XW__DROP, "proposed construction abandoned disused razed platform raceway rest_area services "
               "elevator corridor bus_stop via_ferrata planned ferry tram 规划 在建 废弃"},
    {XW_CLASS_MOTORWAY, "motorway motorway_link highway freeway 高速"},
    {XW_CLASS_TRUNK, "trunk trunk_link expressway national 国道 快速"},
    {XW_CLASS_TERTIARY, "tertiary tertiary_link township 乡道 支路"},
    {XW_CLASS_SECONDARY, "secondary secondary_link county major major_road 县道 次干"},
    {XW_CLASS_PRIMARY, "primary primary_link provincial arterial 省道 主干"},
    {XW_CLASS_TRACK, "track track_grade1 track_grade2 track_grade3 track_grade4 track_grade5 "
                     "机耕 田间"},
    {XW_CLASS_PATH, "path footway cycleway steps bridleway foot pier 小路 小径 步道 人行"},
    {XW_CLASS_SERVICE, "service busway bus_guideway escape access alley 内部 专用"},
    {XW_CLASS_RESIDENTIAL, "residential unclassified living_street pedestrian road street minor "
                           "local collector lane minor_road unknown 街 巷 村道 弄 胡同 居住"},
    {XW_CLASS_WALL, "wall fence city_wall 围墙 围栏 城墙"},
    {XW_CLASS_RAIL, "rail railway light_rail subway funicular 铁路 地铁 轻轨"},
    {XW_CLASS_RIVER, "river canal 河"},
    {XW_CLASS_STREAM, "stream ditch 沟 渠"},
};

static const row waters[] = {
    {XW_CLASS_STREAM, "stream ditch drain brook creek wadi irrigation 沟 渠 溪 涧"},
    {XW_CLASS_RIVER, "river canal tidal_channel fairway waterway coastline 河 江 运河 航道"},
    {XW__DROP, "weir dam waterfall dock boatyard lock_gate fuel rapids 坝"},
};

static const row rails[] = {
    {XW__DROP, "tram abandoned disused razed proposed construction platform miniature station halt "
               "platform_edge turntable dismantled planned 有轨电车 废弃 规划 在建"},
    {XW_CLASS_RAIL,
     "rail light_rail narrow_gauge subway funicular preserved standard_gauge railway "
     "monorail metro 铁路 高铁 城际 轻轨 地铁 专用线"},
};

static const row uses[] = {
    {XW_USE_OUTBUILDING,
     "garage garages carport shed barn stable sty cowshed greenhouse greenhouse_horticulture roof "
     "hut farm_auxiliary outbuilding allotment_house cabin_store storage_tank silo container "
     "bunker "
     "slurry_tank boathouse conservatory shelter service transformer_tower toilets parking ruins "
     "construction digester gazebo pavilion carports tent canopy kiosk bridge collapsed tower "
     "water_tower communications_tower grandstand vacant 车库 车棚 棚 仓房 附属 厕所 在建 废墟 "
     "大棚 配电"},
    {XW_USE_PUBLIC,
     "school kindergarten university college church chapel cathedral mosque temple synagogue "
     "shrine "
     "monastery convent religious hospital clinic train_station station transportation "
     "public_transport public civic government townhall fire_station police museum library theatre "
     "sports_hall sports_centre stadium pavilion_hall community_centre presbytery prison "
     "courthouse "
     "education arts_centre embassy attraction place_of_worship bus_station social_facility "
     "nursing_home gatehouse 学校 小学 中学 "
     "大学 幼儿园 医院 卫生院 教堂 寺 庙 车站 政府 派出所 消防 图书馆 体育 文化 公共 居委会 "
     "村委会"},
    {XW_USE_FLATS,
     "apartments apartment flats flat residential condominium dormitory tower_block multifamily "
     "block_of_flats terrace_flats cnd res-apt 公寓 住宅楼 高层 多层 小区 单元楼 宿舍 楼房"},
    {XW_USE_HOUSE,
     "house detached semidetached_house semi terrace bungalow farm farmhouse villa cabin "
     "static_caravan houseboat row_house townhouse cottage ger trullo single_family dwelling "
     "residence sngl-fam-res two-fam-res 民房 平房 别墅 农房 院落 自建房 住宅 民居 居民"},
    {XW_USE_WORK,
     "industrial commercial office retail warehouse hotel supermarket factory manufacture works "
     "hangar shop mall bank restaurant guest_house motel fuel industry company "
     "community_group_office workshop brewery sawmill power plant data_center data_centre "
     "企业 工厂 厂房 工业 商业 商店 办公 写字楼 酒店 宾馆 仓库 市场 商场 银行"},
};

static bool is_ascii(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)s[i] >= 0x80) return false;
    }
    return true;
}

static bool holds(const char *text, const char *word, size_t n)
{
    for (; *text; text++) {
        if (strncmp(text, word, n) == 0) return true;
    }
    return false;
}

static bool row_fits(const char *values, const char *text)
{
    const size_t len = strlen(text);
    for (const char *v = values; *v;) {
        const size_t n = strcspn(v, " ");
        if (is_ascii(v, n) ? n == len && strncasecmp(v, text, n) == 0 : holds(text, v, n)) {
            return true;
        }
        v += n;
        v += strspn(v, " ");
    }
    return false;
}

static unsigned classify(const row *rows, size_t n, const char *text, unsigned unknown)
{
    for (size_t i = 0; i < n && *text; i++) {
        if (row_fits(rows[i].values, text)) return rows[i].result;
    }
    return unknown;
}
#define CLASSIFY(rows, text, unknown) classify(rows, sizeof rows / sizeof rows[0], text, unknown)

unsigned xw__road_class(const char *value) { return CLASSIFY(roads, value, XW_CLASS_NONE); }
unsigned xw__water_class(const char *value) { return CLASSIFY(waters, value, XW_CLASS_NONE); }
unsigned xw__rail_class(const char *value) { return CLASSIFY(rails, value, XW_CLASS_NONE); }
xw_use xw__use_of(const char *value) { return (xw_use)CLASSIFY(uses, value, XW_USE_UNKNOWN); }
