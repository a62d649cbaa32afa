#include "eval.h"

#ifdef LOCATE_X86
#define TARGET                 TARGET_AVX2
#define NAME(name)             name##_avx2
#define CHAIN(leaf, x, y)      chain_avx2(leaf, x, y)
#define FAN(leaf, faces, x, y) fan_avx2(leaf, faces, x, y)
#include "engine.h"
#endif
