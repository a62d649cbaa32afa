set(XW_SOURCES delaunay.c edit.c edit_apply.c edit_blocks.c edit_gather.c edit_merge.c edit_merge_edges.c edit_patch.c
    edit_rim.c edit_run.c edit_splice.c edit_touch.c emit_edges.c emit_inside.c emit_places.c emit_plots.c fabric.c
    fabric_label.c fabric_repair.c plots.c scene.c scene_blocks.c scene_cover.c scene_focus.c scene_gaps.c scene_lanes.c
    scene_order.c scene_slivers.c voronoi.c voronoi_behind.c voronoi_clip.c voronoi_lines.c voronoi_open.c voronoi_shadow.c
    voronoi_sites.c)
