/*
 * A net behind AXI, driven from C through a DMA: bare metal, or Linux with the registers mapped, as by UIO. One file; what stands
 * above this line is the net's own. Registers and packing: docs/how-to/zynq.md of hwflow; the DMA is AMD's (PG021), in simple mode.
 *
 *     static uint8_t into[64 * HWF_INPUT_BYTES], back[64 * HWF_OUTPUT_BYTES];     seen by the DMA at the two bus addresses
 *     struct hwf_net net = {core, dma, into, back, into_bus, back_bus, 64};
 *     if (hwf_check(&net) == 0 && hwf_execute(&net, x, y, n) == 0) ...
 *
 * Before it is included, these may be defined: HWF_READ(address) and HWF_WRITE(address, value), of 32 bits; HWF_FLUSH(start, bytes) and
 * HWF_INVALIDATE(start, bytes), where buffers are cached; HWF_PATIENCE, how often a register is looked at before it is given up.
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

/* core, dma: addresses of their registers, as the program sees them; into, back: buffers of `batch` vectors and of as many results,
 * which the DMA sees at into_bus and back_bus. */
struct hwf_net {
  uintptr_t core, dma;
  uint8_t *into, *back;
  uint64_t into_bus, back_bus;
  size_t batch;
};

enum { HWF_CONTROL = 0x40, HWF_VECTORS = 0x50, HWF_SHORT = 0x54, HWF_STANDS = 2 };
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

static void hwf_pack(uint8_t *to, const hwf_value *x) {
  memset(to, 0, HWF_INPUT_BYTES);
  for (size_t i = 0, bit = 0; i < HWF_INPUTS; i++)
    for (int j = 0; j < HWF_INPUT_BITS; j++, bit++) to[bit / 8] |= (uint8_t)(((uint64_t)x[i] >> j & 1) << bit % 8);
}

static void hwf_unpack(hwf_value *y, const uint8_t *from) {
  for (size_t i = 0, bit = 0; i < HWF_OUTPUTS; i++) {
    uint64_t value = 0;
    for (int j = 0; j < HWF_OUTPUT_BITS; j++, bit++) value |= (uint64_t)(from[bit / 8] >> bit % 8 & 1) << j;
    if (HWF_OUTPUT_SIGNED && value >> (HWF_OUTPUT_BITS - 1)) value |= ~UINT64_C(0) << (HWF_OUTPUT_BITS - 1);
    y[i] = (hwf_value)(int64_t)value;
  }
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

/* Forget all vectors under way, as after an error. A beat of a result that stands is taken, since no reset takes one back. */
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

static int hwf_transfer(const struct hwf_net *net, const hwf_value *x, hwf_value *y, size_t count) {
  for (size_t i = 0; i < count; i++) hwf_pack(net->into + i * HWF_INPUT_BYTES, x + i * HWF_INPUTS);
  HWF_FLUSH(net->into, count * HWF_INPUT_BYTES);
  HWF_INVALIDATE(net->back, count * HWF_OUTPUT_BYTES);
  hwf_begin(net, HWF_RECEIVE, net->back_bus, count * HWF_OUTPUT_BYTES);
  hwf_begin(net, HWF_SEND, net->into_bus, count * HWF_INPUT_BYTES);
  int wrong = hwf_wait(net, HWF_SEND);
  if (!wrong) wrong = hwf_wait(net, HWF_RECEIVE);
  if (wrong) return wrong;
  HWF_INVALIDATE(net->back, count * HWF_OUTPUT_BYTES);
  for (size_t i = 0; i < count; i++) hwf_unpack(y + i * HWF_OUTPUTS, net->back + i * HWF_OUTPUT_BYTES);
  return 0;
}

/* Integers x [n][HWF_INPUTS] to y [n][HWF_OUTPUTS], in transfers of at most `batch` vectors. */
static int hwf_execute(const struct hwf_net *net, const hwf_value *x, hwf_value *y, size_t n) {
  for (size_t i = 0; i < n * HWF_INPUTS; i++)
    if (x[i] < HWF_INPUT_MIN || x[i] > HWF_INPUT_MAX) return HWF_RANGE;
  uint32_t left = HWF_READ(net->core + HWF_VECTORS), lacking = HWF_READ(net->core + HWF_SHORT);
  for (size_t at = 0; at < n; at += net->batch) {
    size_t count = n - at < net->batch ? n - at : net->batch;
    int wrong = hwf_transfer(net, x + at * HWF_INPUTS, y + at * HWF_OUTPUTS, count);
    if (wrong) return wrong;
  }
  left += (uint32_t)n;
  return HWF_READ(net->core + HWF_VECTORS) == left && HWF_READ(net->core + HWF_SHORT) == lacking ? 0 : HWF_NOT_WHOLE;
}
