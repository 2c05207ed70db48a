/*
 * A spiking core behind AXI, driven from C through a DMA: bare metal, or Linux with the registers mapped, as by UIO. One file.
 * Requests and their packing: docs/how-to/zynq.md of hwflow; addresses, and the stream of ticks: docs/neuron.md.
 *
 *     static uint8_t into[16 * HWF_INPUT_BYTES], back[16 * HWF_OUTPUT_BYTES];     seen by the DMA at the two bus addresses
 *     struct hwf_net net = {core, dma, into, back, into_bus, back_bus, 16};
 *     if (hwf_check(&net) == 0 && hwf_load(&net) == 0 && hwf_run(&net, stimuli, ticks, 1, spikes) == 0) ...
 *
 * Functions give 0, one of the errors above, or what the core answered, which is greater than 0 (docs/link.md, status).
 */
enum { HWF_READ_BYTES = 2, HWF_WRITE_BYTES = 3, HWF_TICKS = 4, HWF_PAYLOAD = 240, HWF_LEARN = 0x104, HWF_SPIKES_OF_REPLY = 58,
       HWF_LISTED = 251, HWF_ORDER = 252, HWF_REST = 4 };
enum { HWF_LARGEST = 16384, HWF_TOLD_TICKS = 262144 }; /* what numbers of sources, and the ticks told with spikes, are below */
enum { HWF_STIMULUS_BYTES = HWF_GRADED ? HWF_AXONS : (HWF_AXONS + 7) / 8, HWF_SPIKE_BYTES = (HWF_NEURONS + 7) / 8 };

static size_t hwf_padded(size_t count) { return (count + 3) / 4 * 4; }

static void hwf_put(uint8_t *to, uint32_t word) {
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(word >> 8 * i);
}

static uint32_t hwf_get(const uint8_t *from) {
  return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

/* One request and its reply, whose `length` bytes are at net->back + 4. n: bytes of the payload, at most 240. */
static int hwf_request(const struct hwf_net *net, int operation, uint32_t address, const void *payload, size_t n, size_t *length) {
  memset(net->into, 0, 8 + hwf_padded(n));
  net->into[0] = (uint8_t)operation;
  net->into[1] = (uint8_t)n;
  hwf_put(net->into + 4, address);
  if (n) memcpy(net->into + 8, payload, n);
  int wrong = hwf_transfer(net, 8 + hwf_padded(n), HWF_OUTPUT_BYTES);
  if (wrong) return wrong;
  if (length) *length = net->back[1];
  return net->back[0];
}

/* n bytes of the registers from an address on. */
static int hwf_read(const struct hwf_net *net, uint32_t address, void *to, size_t n) {
  for (size_t at = 0; at < n; at += HWF_PAYLOAD) {
    uint8_t count = (uint8_t)(n - at < HWF_PAYLOAD ? n - at : HWF_PAYLOAD);
    size_t length;
    int wrong = hwf_request(net, HWF_READ_BYTES, address + (uint32_t)at, &count, 1, &length);
    if (wrong) return wrong;
    if (length != count) return HWF_NOT_WHOLE;
    memcpy((uint8_t *)to + at, net->back + 4, count);
  }
  return 0;
}

static int hwf_write(const struct hwf_net *net, uint32_t address, const void *from, size_t n) {
  for (size_t at = 0; at < n; at += HWF_PAYLOAD) {
    size_t count = n - at < HWF_PAYLOAD ? n - at : HWF_PAYLOAD;
    int wrong = hwf_request(net, HWF_WRITE_BYTES, address + (uint32_t)at, (const uint8_t *)from + at, count, 0);
    if (wrong) return wrong;
  }
  return 0;
}

/* Reset the core and write the net that this file was made for into it, at its start. */
static int hwf_load(const struct hwf_net *net) {
  int wrong = hwf_reset(net);
  for (size_t at = 0; !wrong && at < sizeof hwf_loading;) {
    size_t count = 0, end = at;
    while (count < net->batch && end < sizeof hwf_loading) {
      end += 8 + hwf_padded(hwf_loading[end + 1]);
      count++;
    }
    memcpy(net->into, hwf_loading + at, end - at);
    wrong = hwf_transfer(net, end - at, count * HWF_OUTPUT_BYTES);
    for (size_t i = 0; !wrong && i < count; i++) wrong = net->back[4 * i];
    at = end;
  }
  return wrong;
}

#if HWF_ENTRIES
/* A row of entries: words of neurons, and the weights to them. */
static int hwf_row(const struct hwf_net *net, uint32_t source, int8_t *w) {
  uint8_t word[4];
  int wrong = hwf_read(net, 0x60000000u + 4 * source, word, sizeof word);
  uint32_t entry = hwf_get(word), last = 0;
  memset(w, 0, HWF_NEURONS);
  for (; !wrong && !last; entry++) {
    if (entry >= HWF_ENTRIES) return HWF_NOT_WHOLE;
    wrong = hwf_read(net, 0x50000000u + 4 * entry, word, sizeof word);
    if (wrong) return wrong;
    uint32_t target = hwf_get(word) % HWF_LARGEST;
    last = hwf_get(word) / HWF_LARGEST;
    if (target >= HWF_NEURONS / HWF_LANES) return HWF_NOT_WHOLE;
    wrong = hwf_read(net, 0x10000000u + HWF_LANES * entry, w + HWF_LANES * target, HWF_LANES);
  }
  return wrong;
}

#else
static int hwf_row(const struct hwf_net *net, uint32_t source, int8_t *w) {
  return hwf_read(net, 0x10000000u + HWF_LARGEST * source, w, HWF_NEURONS);
}
#endif

/* The weights of the core, [source][neuron], axons before neurons; those of the net are among them. */
static int hwf_weights(const struct hwf_net *net, int8_t *w) {
  for (uint32_t source = 0; source < HWF_AXONS + HWF_NEURONS; source++) {
    int wrong = hwf_row(net, source, w + (size_t)source * HWF_NEURONS);
    if (wrong) return wrong;
  }
  return 0;
}

/* Put the state to rest: membranes, currents, refractory periods, spikes, factors and traces are zero; what was learnt stays. */
static int hwf_rest(const struct hwf_net *net) {
  static const uint8_t order[] = {HWF_ORDER, HWF_REST};
  size_t length;
  int wrong = hwf_request(net, HWF_TICKS, 0, 0, 0, &length); /* where the core is in its stream */
  if (!wrong) wrong = hwf_request(net, HWF_TICKS, hwf_get(net->back + 4), order, sizeof order, &length);
  return wrong ? wrong : length < 8 ? HWF_NOT_WHOLE : 0;
}

/* A tick as the stream has it: a list of axons where that is shorter than a bit for each; of graded input the values. Gives its bytes. */
static size_t hwf_tick(uint8_t *record, const uint8_t *bits) {
  size_t count = 0, wide = HWF_AXONS > 256 ? 2 : 1, at = 1;
  if (HWF_GRADED) {
    for (size_t axon = 0; axon < HWF_AXONS; axon++) count = bits[axon] ? axon + 1 : count;
    record[0] = count ? 253 : 0;
    if (!count) return 1;
    record[1] = (uint8_t)count, record[2] = (uint8_t)(count >> 8);
    memcpy(record + 3, bits, count);
    return 3 + count;
  }
  for (size_t axon = 0; axon < HWF_AXONS; axon++) count += bits[axon / 8] >> axon % 8 & 1;
  if (count > HWF_LISTED || count * wide > HWF_STIMULUS_BYTES) {
    record[0] = 255;
    memcpy(record + 1, bits, HWF_STIMULUS_BYTES);
    return 1 + HWF_STIMULUS_BYTES;
  }
  record[0] = (uint8_t)count;
  for (size_t axon = 0; axon < HWF_AXONS; axon++) {
    if (!(bits[axon / 8] >> axon % 8 & 1)) continue;
    record[at++] = (uint8_t)axon;
    if (wide == 2) record[at++] = (uint8_t)(axon >> 8);
  }
  return at;
}

/* Stimuli [ticks][HWF_STIMULUS_BYTES] to spikes [ticks][HWF_SPIKE_BYTES]: a bit for each axon and neuron, the lowest first; where
 * HWF_GRADED is 1, for each axon a byte, its value. */
static int hwf_run(const struct hwf_net *net, const uint8_t *stimuli, size_t ticks, int learn, uint8_t *spikes) {
  uint8_t word[4], record[3 + HWF_STIMULUS_BYTES], pending[HWF_PAYLOAD];
  size_t next = 0, given = 0, size = 0, waiting = 0, length, latest = 0;
  hwf_put(word, learn != 0);
  int wrong = hwf_write(net, HWF_LEARN, word, 4);
  if (!wrong) wrong = hwf_request(net, HWF_TICKS, 0, 0, 0, &length);
  if (wrong) return wrong;
  uint32_t position = hwf_get(net->back + 4), first = hwf_get(net->back + 8), done = 0;
  memset(spikes, 0, ticks * HWF_SPIKE_BYTES);
  do {
    while (waiting < HWF_PAYLOAD && (given < size || next < ticks)) {
      if (given == size) size = hwf_tick(record, stimuli + next++ * HWF_STIMULUS_BYTES), given = 0;
      pending[waiting++] = record[given++];
    }
    wrong = hwf_request(net, HWF_TICKS, position, pending, waiting, &length);
    if (wrong) return wrong;
    if (length < 8) return HWF_NOT_WHOLE;
    size_t taken = hwf_get(net->back + 4) - position, found = (length - 8) / 4;
    uint32_t before = done;
    done = hwf_get(net->back + 8) - first;
    if (taken > waiting || done > ticks) return HWF_NOT_WHOLE;
    if (!taken && !found && done == before && done < ticks) return HWF_STUCK;
    for (size_t i = 0; i < found; i++) {
      uint32_t spike = hwf_get(net->back + 12 + 4 * i), neuron = spike % HWF_LARGEST;
      latest += (spike / HWF_LARGEST - first - (uint32_t)latest) % HWF_TOLD_TICKS; /* in order */
      if (latest >= ticks || neuron >= HWF_NEURONS) return HWF_NOT_WHOLE;
      spikes[latest * HWF_SPIKE_BYTES + neuron / 8] |= (uint8_t)(1u << neuron % 8);
    }
    position += (uint32_t)taken;
    memmove(pending, pending + taken, waiting - taken);
    waiting -= taken;
    length -= 8;
  } while (next < ticks || given < size || waiting || done < ticks || length == 4 * HWF_SPIKES_OF_REPLY);
  return 0;
}
