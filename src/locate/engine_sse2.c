#include "eval.h"

#ifdef LOCATE_X86
#define TARGET
#define NAME(name)             name##_sse2
#define CHAIN(leaf, x, y)      chain_sse2(leaf, x, y)
#define FAN(leaf, faces, x, y) fan_sse2(leaf, faces, x, y)
#include "engine.h"
#endif
