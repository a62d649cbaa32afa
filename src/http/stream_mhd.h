/* Connections of libmicrohttpd that sleep: until an event is on the disk, or until there is one. */
#ifndef XW_HTTP_STREAM_MHD_H
#define XW_HTTP_STREAM_MHD_H

#include "internal.h"

#include <microhttpd.h>

/* How many sleep. The library must not be stopped while one does. */
typedef struct xw__waiting {
    atomic_bool ended;
    atomic_int n;
} xw__waiting;

/* False when the server stops: nobody may sleep any more. */
bool xw__waiting_enter(xw__waiting *w);
void xw__waiting_leave(xw__waiting *w);
/* Lets nobody sleep any more, ends the streams and waits until all are awake. */
void xw__waiting_end(xw__waiting *w, xw_http_app *app);

/* Sends the stream of events that the response asks for. */
enum MHD_Result xw__stream_send(xw__waiting *w, xw_http_app *app, struct MHD_Connection *c,
                                xw_http_response *rs);

#endif
