set(XW_SOURCES answer.c answer_json.c compile.c disc.c hash.c query.c snapshot.c tree.c write.c)
