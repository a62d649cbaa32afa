set(XW_SOURCES app.c assets.c collections.c feature_filter.c feature_json.c features.c landing.c
  locate.c openapi.c points.c request.c response.c revision.c router.c search.c server_mhd.c tiles.c)
