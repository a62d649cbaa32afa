set(XW_SOURCES app.c assets.c bulk.c bulk_binary.c bulk_csv.c bulk_features.c bulk_json.c bulk_lines.c bulk_scan.c bulk_times.c
  bulk_write.c collections.c events.c feature_filter.c feature_json.c features.c landing.c
  locate.c locate_address.c locate_grids.c nets.c openapi.c points.c request.c response.c revision.c router.c search.c server_mhd.c stream_mhd.c tiles.c upload.c upload_gzip.c)
