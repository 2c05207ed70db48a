// Runs the simulator in a process of the Python that runs the tests.
//
// cocotb needs Python's symbols in the simulator's process, and not every Python has them in a shared library: Debian's has
// not. So the simulator is a shared library, preloaded before that Python, and its main runs in the place of Python's.
#include <dlfcn.h>

int simulator_main(int argc, char** argv);  // cocotb's, which is called main where it is compiled

using Main = int (*)(int, char**, char**);
using Start = int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);

static int run(int argc, char** argv, char**) { return simulator_main(argc, argv); }

extern "C" int __libc_start_main(
    Main, int argc, char** argv, void (*init)(), void (*fini)(), void (*rtld_fini)(), void* stack_end) {
  auto start = reinterpret_cast<Start>(dlsym(RTLD_NEXT, "__libc_start_main"));
  return start(run, argc, argv, init, fini, rtld_fini, stack_end);
}
