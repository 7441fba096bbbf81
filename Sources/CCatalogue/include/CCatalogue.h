#ifndef CCATALOGUE_H
#define CCATALOGUE_H

#include <stddef.h>

/* The catalogue (profiles/) in its compiled form; made by `make catalogue`, see Sources/FirnCatalogue. */
const unsigned char *firn_catalogue_bytes(void);
size_t firn_catalogue_size(void);

/* The benchmarks (profiles/benchmarks/): which rule answers which control, and the texts, which few runs need. */
const unsigned char *firn_benchmark_index_bytes(void);
size_t firn_benchmark_index_size(void);
const unsigned char *firn_benchmarks_bytes(void);
size_t firn_benchmarks_size(void);

#endif
