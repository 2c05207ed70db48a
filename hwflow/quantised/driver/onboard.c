/*
 * A net behind AXI, driven from C through a DMA: bare metal, or Linux with the registers mapped, as by UIO. One file.
 * Registers and packing: docs/how-to/zynq.md of hwflow.
 *
 *     static uint8_t into[64 * HWF_INPUT_BYTES], back[64 * HWF_OUTPUT_BYTES];     seen by the DMA at the two bus addresses
 *     struct hwf_net net = {core, dma, into, back, into_bus, back_bus, 64};
 *     if (hwf_check(&net) == 0 && hwf_execute(&net, x, y, n) == 0) ...
 */
enum { HWF_VECTORS = 0x50, HWF_SHORT = 0x54 };

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

static int hwf_batch(const struct hwf_net *net, const hwf_value *x, hwf_value *y, size_t count) {
  for (size_t i = 0; i < count; i++) hwf_pack(net->into + i * HWF_INPUT_BYTES, x + i * HWF_INPUTS);
  int wrong = hwf_transfer(net, count * HWF_INPUT_BYTES, count * HWF_OUTPUT_BYTES);
  if (wrong) return wrong;
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
    int wrong = hwf_batch(net, x + at * HWF_INPUTS, y + at * HWF_OUTPUTS, count);
    if (wrong) return wrong;
  }
  left += (uint32_t)n;
  return HWF_READ(net->core + HWF_VECTORS) == left && HWF_READ(net->core + HWF_SHORT) == lacking ? 0 : HWF_NOT_WHOLE;
}
