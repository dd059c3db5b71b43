// The kernels of JCuda's samples, as far as they are ported.

__constant__ float table[100];

extern "C" __global__ void add(int n, float* a, float* b, float* sum) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) sum[i] = a[i] + b[i];
}

extern "C" __global__ void add_to(int n, float* a, float* b, float x) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        a[i] += x;
        b[i] += x;
    }
}

extern "C" __global__ void multiply(int n, float* a, float x) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) a[i] *= x;
}

extern "C" __global__ void reduce(const float* values, float* sums, unsigned int n) {
    extern __shared__ float parts[];
    unsigned int t = threadIdx.x;
    float own = 0;
    for (unsigned int i = blockIdx.x * blockDim.x + t; i < n; i += blockDim.x * gridDim.x) {
        own += values[i];
    }
    parts[t] = own;
    __syncthreads();
    for (unsigned int half = blockDim.x / 2; half > 0; half /= 2) {
        if (t < half) parts[t] += parts[t + half];
        __syncthreads();
    }
    if (t == 0) sums[blockIdx.x] = parts[0];
}

extern "C" __global__ void from_table(float* values, int n) {
    int i = threadIdx.x;
    if (i < n) values[i] = table[i];
}

// Of each thread a row of three, which lies where an address says.
extern "C" __global__ void fill_rows(short** rows) {
    for (int i = 0; i < 3; i++) rows[threadIdx.x][i] = threadIdx.x * 10 + i;
}
