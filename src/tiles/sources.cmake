set(XW_SOURCES archive.c archive_mbtiles.c archive_pmtiles.c clip.c mercator.c mosaic.c mosaic_mend.c
  mosaic_node.c mosaic_trace.c mvt.c pack.c)
