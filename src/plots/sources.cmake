set(XW_SOURCES delaunay.c emit_edges.c emit_inside.c emit_places.c emit_plots.c fabric.c fabric_label.c
    fabric_repair.c plots.c scene.c scene_blocks.c scene_cover.c scene_gaps.c scene_lanes.c scene_order.c scene_slivers.c voronoi.c
    voronoi_clip.c voronoi_lines.c voronoi_open.c voronoi_shadow.c voronoi_behind.c voronoi_sites.c)
