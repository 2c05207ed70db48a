// Waveforms of a model that was built for them (VM_TRACE is 1), as VCD: 10 time units a clock cycle, which rises at 5.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "verilated.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif

class Waves {
   public:
    // path: of the file, or null for none.
    template <typename Model>
    Waves(VerilatedContext& context, Model& model, const char* path) {
        if (!path) return;
#if VM_TRACE
        context.traceEverOn(true);
        model.trace(&file_, 99);
        file_.open(path);
        if (file_.isOpen()) return;
        std::fprintf(stderr, "%s cannot be written\n", path);
#else
        (void)context, (void)model;
        std::fprintf(stderr, "this model was built without waveforms\n");
#endif
        std::exit(2);
    }
    // After each half of a clock cycle.
    void record() {
#if VM_TRACE
        if (file_.isOpen()) file_.dump(time_);
        time_ += 5;
#endif
    }

   private:
#if VM_TRACE
    VerilatedVcdC file_;
    uint64_t time_ = 0;
#endif
};
