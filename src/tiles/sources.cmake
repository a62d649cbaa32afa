set(XW_SOURCES archive.c archive_mbtiles.c archive_pmtiles.c clip.c mercator.c mvt.c pack.c)
