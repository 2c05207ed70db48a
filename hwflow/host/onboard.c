/*
 * What drivers in C share: the core's registers, and AMD's AXI DMA in simple mode (PG021). What stands above this line is the net's own.
 *
 * Before this file is included, these may be defined: HWF_READ(address) and HWF_WRITE(address, value), of 32 bits; HWF_FLUSH(start, bytes)
 * and HWF_INVALIDATE(start, bytes), where buffers are cached; HWF_PATIENCE, how often a register is looked at before it is given up.
 */
#ifndef HWF_READ
#define HWF_READ(address) (*(volatile uint32_t *)(address))
#endif
#ifndef HWF_WRITE
#define HWF_WRITE(address, value) (*(volatile uint32_t *)(address) = (value))
#endif
#ifndef HWF_FLUSH
#define HWF_FLUSH(start, bytes) ((void)(start), (void)(bytes))
#endif
#ifndef HWF_INVALIDATE
#define HWF_INVALIDATE(start, bytes) ((void)(start), (void)(bytes))
#endif
#ifndef HWF_PATIENCE
#define HWF_PATIENCE 100000000u
#endif

/* What the functions give: 0, or one of these. */
enum { HWF_OTHER_CORE = -1, HWF_OTHER_NET = -2, HWF_OTHER_BUILD = -3, HWF_RANGE = -4, HWF_STUCK = -5, HWF_DMA_ERROR = -6, HWF_NOT_WHOLE = -7 };

/* core, dma: addresses of their registers, as the program sees them; into, back: buffers of `batch` times HWF_INPUT_BYTES and
 * HWF_OUTPUT_BYTES, which the DMA sees at into_bus and back_bus. */
struct hwf_net {
  uintptr_t core, dma;
  uint8_t *into, *back;
  uint64_t into_bus, back_bus;
  size_t batch;
};

enum { HWF_CONTROL = 0x40, HWF_STANDS = 2 };
enum { HWF_SEND = 0x00, HWF_RECEIVE = 0x30, HWF_STATUS = 0x04, HWF_ADDRESS = 0x18, HWF_ADDRESS_HIGH = 0x1C, HWF_LENGTH = 0x28 };
enum { HWF_RUN = 1, HWF_DMA_RESET = 4, HWF_IDLE = 2, HWF_ERRORS = 0x70 };

static int hwf_same(uintptr_t at, const uint8_t *bytes) {
  for (int i = 0; i < 16; i += 4) {
    uint32_t word = HWF_READ(at + i);
    for (int j = 0; j < 4; j++)
      if ((uint8_t)(word >> 8 * j) != bytes[i + j]) return 0;
  }
  return 1;
}

/* Whether the core is the net that this file was made for. */
static int hwf_check(const struct hwf_net *net) {
  if (HWF_READ(net->core) != 0x31465748u) return HWF_OTHER_CORE;
  if (!hwf_same(net->core + 8, hwf_digest)) return HWF_OTHER_NET;
  if (!hwf_same(net->core + 36, hwf_build)) return HWF_OTHER_BUILD;
  return 0;
}

static void hwf_begin(const struct hwf_net *net, uintptr_t channel, uint64_t bus, size_t bytes) {
  uintptr_t at = net->dma + channel;
  HWF_WRITE(at, HWF_RUN);
  HWF_WRITE(at + HWF_ADDRESS, (uint32_t)bus);
  if (bus >> 32) HWF_WRITE(at + HWF_ADDRESS_HIGH, (uint32_t)(bus >> 32));
  HWF_WRITE(at + HWF_LENGTH, (uint32_t)bytes);
}

static int hwf_wait(const struct hwf_net *net, uintptr_t channel) {
  for (uint32_t i = 0; i < HWF_PATIENCE; i++) {
    uint32_t status = HWF_READ(net->dma + channel + HWF_STATUS);
    if (status & HWF_ERRORS) return HWF_DMA_ERROR;
    if (status & HWF_IDLE) return 0;
  }
  return HWF_STUCK;
}

static int hwf_reset_dma(const struct hwf_net *net) {
  HWF_WRITE(net->dma, HWF_DMA_RESET);
  for (uint32_t i = 0; i < HWF_PATIENCE; i++)
    if (!(HWF_READ(net->dma) & HWF_DMA_RESET)) return 0;
  return HWF_STUCK;
}

/* Forget all that is under way, as after an error. A beat that stands is taken, since no reset takes one back. */
static int hwf_reset(const struct hwf_net *net) {
  HWF_WRITE(net->core + HWF_CONTROL, 1);
  int wrong = hwf_reset_dma(net);
  HWF_WRITE(net->core + HWF_CONTROL, 1);
  if (wrong || !(HWF_READ(net->core + HWF_CONTROL) & HWF_STANDS)) return wrong;
  hwf_begin(net, HWF_RECEIVE, net->back_bus, net->batch * HWF_OUTPUT_BYTES);
  for (uint32_t i = 0; i < HWF_PATIENCE; i++)
    if (!(HWF_READ(net->core + HWF_CONTROL) & HWF_STANDS)) return hwf_reset_dma(net);
  return HWF_STUCK;
}

/* Send the first bytes of `into` as a packet, and wait for the one that answers it, of at most `room` bytes of `back`. */
static int hwf_transfer(const struct hwf_net *net, size_t sent, size_t room) {
  HWF_FLUSH(net->into, sent);
  HWF_INVALIDATE(net->back, room);
  hwf_begin(net, HWF_RECEIVE, net->back_bus, room);
  hwf_begin(net, HWF_SEND, net->into_bus, sent);
  int wrong = hwf_wait(net, HWF_SEND);
  if (!wrong) wrong = hwf_wait(net, HWF_RECEIVE);
  HWF_INVALIDATE(net->back, room);
  return wrong;
}
