/* A `python.exe`: hands its command line to the Python library beside it. */
#include <stdio.h>
#include <windows.h>

int wmain(int count, wchar_t **arguments)
{
    HMODULE library = LoadLibraryW(PYTHON);
    if (!library) { fprintf(stderr, "no Python library: error %lu\n", GetLastError()); return 125; }
    int (*run)(int, wchar_t **) = (void *)GetProcAddress(library, "Py_Main");
    return run ? run(count, arguments) : 124;
}
