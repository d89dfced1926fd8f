/* A `bcryptprimitives.dll`, which Wine has from version 9 on: what Rust's programs draw from. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(void *buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(unsigned char *buffer, SIZE_T length)
{
    while (length) {
        ULONG part = length > 0x10000 ? 0x10000 : (ULONG)length;
        if (!SystemFunction036(buffer, part)) return FALSE;
        buffer += part;
        length -= part;
    }
    return TRUE;
}
