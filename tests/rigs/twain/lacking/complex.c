/* Arithmetic of complex numbers, which Debian 12's Wine lacks and numpy asks for.
 *
 * Windows has its own types for them, which are passed as structures, and a long double of 8 bytes.
 */
#include <complex.h>

typedef struct { double real, imaginary; } Pair;
typedef struct { float real, imaginary; } Small;

static double complex in (Pair z) { return z.real + I * z.imaginary; }
static Pair out (double complex z) { Pair pair = { creal (z), cimag (z) }; return pair; }
static Small narrow (double complex z) { Small pair = { (float) creal (z), (float) cimag (z) }; return pair; }
static double complex wide (Small z) { return z.real + I * z.imaginary; }

#define PAIR(name) \
    Pair my_##name (Pair z) { return out (name (in (z))); } \
    Pair my_##name##l (Pair z) { return out (name (in (z))); } \
    Small my_##name##f (Small z) { return narrow (name (wide (z))); }
#define NUMBER(name) \
    double my_##name (Pair z) { return name (in (z)); } \
    double my_##name##l (Pair z) { return name (in (z)); } \
    float my_##name##f (Small z) { return (float) name (wide (z)); }

PAIR (ccos) PAIR (ccosh) PAIR (cexp) PAIR (csin) PAIR (csinh) PAIR (ctan) PAIR (ctanh)
NUMBER (cabs) NUMBER (carg) NUMBER (creal) NUMBER (cimag)

Pair my_cpow (Pair a, Pair b) { return out (cpow (in (a), in (b))); }
Pair my_cpowl (Pair a, Pair b) { return out (cpow (in (a), in (b))); }
Small my_cpowf (Small a, Small b) { return narrow (cpow (wide (a), wide (b))); }
