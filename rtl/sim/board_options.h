// The command line of the simulated board.
#pragma once
#include <getopt.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

inline const char* const USAGE =
    "usage: board --clocks-per-bit N [--tcp PORT] [--until-stdin-ends] [--idle-after CYCLES] [--seed N]\n"
    "             [--flip-rate P] [--drop-rate P] [--duplicate-rate P] [--baud-error PERCENT]\n"
    "             [--reset-after BYTES]... [--reset-level 0|1]\n"
    "             [--can LOG --clock-hz N [--can-rate N] [--can-speed X]]\n"
    "--clocks-per-bit  clock cycles a bit takes on the wire, at least 4; need not be whole\n"
    "--tcp             listen at this port of 127.0.0.1 (0: any) in place of a pseudo-terminal\n"
    "--flip-rate       probability that a bit on the wire, start and stop bits included, is sampled wrongly\n"
    "--drop-rate, --duplicate-rate   probability that a byte gets lost, or comes twice; all in both directions\n"
    "--baud-error      by how much longer the host's bits are than the device's\n"
    "--reset-after     press the button in the middle of the byte that follows so many to the device\n"
    "--reset-level     the level of the pin `button` when pressed (1)\n"
    "--can             a candump log that plays on the bus, over and over, on a board whose clock has so many Hz;\n"
    "                  bits a second (500000); how much faster than in the log (1)\n";

struct Options {
    double clocks_per_bit = 0, baud_error = 0;
    double flip_rate = 0, drop_rate = 0, duplicate_rate = 0;
    int tcp = -1;
    bool until_stdin_ends = false, reset_level = true;
    uint64_t idle_after = 20000000, seed = 0;
    std::vector<uint64_t> reset_after;
    std::string can;
    double clock_hz = 0, can_rate = 500e3, can_speed = 1;
};

inline Options parse(int argc, char** argv) {
    static const option LONG[] = {
        {"clocks-per-bit", 1, nullptr, 'c'}, {"tcp", 1, nullptr, 't'},         {"until-stdin-ends", 0, nullptr, 'u'},
        {"idle-after", 1, nullptr, 'i'},     {"seed", 1, nullptr, 's'},        {"flip-rate", 1, nullptr, 'f'},
        {"drop-rate", 1, nullptr, 'd'},      {"duplicate-rate", 1, nullptr, 'p'}, {"baud-error", 1, nullptr, 'b'},
        {"reset-after", 1, nullptr, 'r'},    {"reset-level", 1, nullptr, 'l'},
        {"can", 1, nullptr, 'n'},            {"clock-hz", 1, nullptr, 'z'},    {"can-rate", 1, nullptr, 'a'},
        {"can-speed", 1, nullptr, 'x'},      {nullptr, 0, nullptr, 0}};
    Options options;
    for (int key; (key = getopt_long(argc, argv, "", LONG, nullptr)) != -1;) {
        switch (key) {
            case 'c': options.clocks_per_bit = std::atof(optarg); break;
            case 't': options.tcp = std::atoi(optarg); break;
            case 'u': options.until_stdin_ends = true; break;
            case 'i': options.idle_after = std::strtoull(optarg, nullptr, 10); break;
            case 's': options.seed = std::strtoull(optarg, nullptr, 10); break;
            case 'f': options.flip_rate = std::atof(optarg); break;
            case 'd': options.drop_rate = std::atof(optarg); break;
            case 'p': options.duplicate_rate = std::atof(optarg); break;
            case 'b': options.baud_error = std::atof(optarg); break;
            case 'r': options.reset_after.push_back(std::strtoull(optarg, nullptr, 10)); break;
            case 'n': options.can = optarg; break;
            case 'z': options.clock_hz = std::atof(optarg); break;
            case 'a': options.can_rate = std::atof(optarg); break;
            case 'x': options.can_speed = std::atof(optarg); break;
            case 'l': options.reset_level = std::atoi(optarg) != 0; break;
            default: options.clocks_per_bit = 0; optind = argc; break;
        }
    }
    const bool bus_wrong = !options.can.empty() && !(options.clock_hz > 0 && options.can_rate > 0 && options.can_speed > 0);
    if (options.clocks_per_bit < 4 || bus_wrong || optind != argc) {
        std::fputs(USAGE, stderr);
        std::exit(2);
    }
    return options;
}
