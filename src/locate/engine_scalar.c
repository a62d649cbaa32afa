#include "eval.h"

#define TARGET
#define NAME(name)             name##_scalar
#define CHAIN(leaf, x, y)      chain_scalar(leaf, x, y)
#define FAN(leaf, faces, x, y) fan_scalar(leaf, faces, x, y)
#include "engine.h"
