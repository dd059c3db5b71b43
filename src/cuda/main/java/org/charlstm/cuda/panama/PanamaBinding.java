package org.charlstm.cuda.panama;

import java.util.List;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.CublasLt;
import org.charlstm.cuda.binding.CudaBinding;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Cudnn;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.Nccl;
import org.charlstm.cuda.binding.Nvrtc;

/** NVIDIA's libraries through java.lang.foreign. */
public final class PanamaBinding implements CudaBinding {
    @Override
    public String name() {
        return "panama";
    }

    @Override
    public CudaDriver driver(LibrarySearch search) {
        return PanamaCalls.open(CudaDriver.class, search.driver());
    }

    @Override
    public Cublas cublas(LibrarySearch search, List<Integer> majors) {
        return PanamaCalls.open(Cublas.class, search.cublas(majors));
    }

    @Override
    public CublasLt cublasLt(LibrarySearch search, Cublas of) {
        return PanamaCalls.open(CublasLt.class, search.cublasLt(of.place(), of.major()));
    }

    @Override
    public Cudnn cudnn(LibrarySearch search) {
        return PanamaCalls.open(Cudnn.class, search.cudnn());
    }

    @Override
    public Nvrtc nvrtc(LibrarySearch search, List<Integer> majors) {
        return PanamaCalls.open(Nvrtc.class, search.nvrtc(majors));
    }

    @Override
    public Nccl nccl(LibrarySearch search) {
        return PanamaCalls.open(Nccl.class, search.nccl());
    }
}
