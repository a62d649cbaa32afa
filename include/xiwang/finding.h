/**
 * @file finding.h
 * What the kinds of findings mean: Chinese name, how serious, what is done. The table is the one
 * list of all kinds; data/dirty.md says the same for people and a test holds the two together.
 *
 * Severity: `info`: nothing is lost, the input was read this way; `warning`: repaired by the stated
 * rule, worth a look; `error`: left out of the map (its households with it) or not to be built.
 * Threads: constant data, share freely.
 */
#ifndef XW_FINDING_H
#define XW_FINDING_H

#include <stddef.h>

/* kind, Chinese name, severity, what is done */
#define XW_FINDING_MAP(X)                                                                          \
    X("building-repaired", "房屋轮廓自相交", "warning", "made valid, kept")                        \
    X("building-collapsed", "房屋轮廓无面积", "warning", "kept as a square of 3 cm")               \
    X("building-point", "房屋只有点位", "warning", "kept as a square of 5 m round the point")      \
    X("building-point-inside", "点位落在房屋内", "warning",                                        \
      "its households go to the building that has none given; the point is left out")              \
    X("building-households", "户数不合理", "warning", "households by the rule instead")            \
    X("building-attribute", "层数或高度不合理", "warning", "taken as not given")                   \
    X("building-duplicate", "房屋重复", "warning",                                                 \
      "one kept: more households, then the smaller id")                                            \
    X("building-empty", "房屋无图形", "error", "left out")                                         \
    X("building-no-area", "房屋不是面", "error", "left out")                                       \
    X("building-coordinates", "房屋坐标无效", "error", "left out")                                 \
    X("building-overlap", "房屋重叠", "warning", "the smaller footprint keeps the common land")    \
    X("building-across", "房屋跨界线", "info", "goes where most of it lies, the line is bent")     \
    X("building-split", "房屋被界线分割", "warning", "its largest piece is its land")              \
    X("building-parts", "房屋各部分分离", "warning", "its largest part is its land")               \
    X("building-hidden", "房屋被完全覆盖", "warning", "a unit of the plot that covers it")         \
    X("building-land", "大片地块画成房屋", "warning", "open land")                                 \
    X("building-outside", "房屋在区划之外", "error", "not in the map")                             \
    X("building-broken", "房屋轮廓不闭合", "warning", "a place without land of its own")           \
    X("ring-from-line", "闭合线当作面", "warning", "taken for the ring of an area")                \
    X("ring-unclosed", "环未闭合", "info", "closed with a straight edge")                          \
    X("ring-turned", "环方向有误", "info", "turned: outer rings left round, holes right round")    \
    X("vertex-repeated", "重复顶点", "info", "dropped")                                            \
    X("z-dropped", "含高程或测量值", "info", "Z and M dropped")                                    \
    X("curve-drawn", "含圆弧曲线", "info", "drawn as short straight edges")                        \
    X("part-ignored", "混合图形类型", "warning", "parts that the layer has no use for left out")   \
    X("text-encoding", "文字编码推定", "info", "text that is not UTF-8 read as the encoding said") \
    X("axis-swapped", "坐标轴颠倒", "warning", "longitude and latitude put right")                 \
    X("crs-assumed", "坐标系推定", "info", "longitude, latitude assumed")                          \
    X("coordinates-bad", "坐标无效", "error", "left out")                                          \
    X("stray", "远离主体", "error", "left out")                                                    \
    X("class-unknown", "道路等级不明", "info", "taken for residential roads")                      \
    X("line-area", "线图层中的面", "error", "left out")                                            \
    X("line-collapsed", "线无长度", "error", "left out")                                           \
    X("line-empty", "线无图形", "error", "left out")                                               \
    X("water-repaired", "水面自相交", "warning", "made valid, kept")                               \
    X("water-collapsed", "水面无面积", "error", "left out")                                        \
    X("exclusive-repaired", "专属范围自相交", "warning", "made valid, kept")                       \
    X("exclusive-collapsed", "专属范围无面积", "error", "left out")                                \
    X("exclusive-empty", "专属范围内无地块", "warning", "no grid of its own")                      \
    X("exclusive-overlap", "专属范围重叠", "warning", "each plot to the one that has more of it")  \
    X("exclusive-parts", "专属范围各部分分离", "warning",                                          \
      "its largest part is the grid, the others are shared out")                                   \
    X("exclusive-divided", "专属范围跨区划", "warning", "one grid in each division")               \
    X("address-empty", "地址无图形", "error", "left out")                                          \
    X("address-blank", "地址无内容", "info", "left out")                                           \
    X("division-repaired", "区划边界自相交", "warning", "made valid, kept")                        \
    X("division-dropped", "区划未采用", "warning", "left out")                                     \
    X("division-extent", "缺行政区划", "warning", "one division round all the land")               \
    X("division-overlap", "区划重叠", "warning", "the smaller division keeps the common land")     \
    X("division-gap", "区划间隙", "warning", "to the neighbour with the longest common border")    \
    X("division-hole", "区划空洞", "info", "not in the map")                                       \
    X("division-missing", "区划缺失", "warning", "a division of its own with a made-up code")      \
    X("division-code-made", "区划代码缺失", "info", "a code under prefix 999")                     \
    X("division-code-duplicate", "区划代码重复", "warning", "the later one gets a made-up code")   \
    X("build-failed", "无法生成", "error", "nothing is built")

typedef struct xw_finding_info {
    const char *kind, *zh, *severity, *action;
} xw_finding_info;

/** By kind; for an unknown kind zh and action are "" and the severity is "warning". Never NULL. */
const xw_finding_info *xw_finding_get(const char *kind);
/** The @p i-th of all kinds, NULL beyond the last. */
const xw_finding_info *xw_finding_at(size_t i);

#endif
