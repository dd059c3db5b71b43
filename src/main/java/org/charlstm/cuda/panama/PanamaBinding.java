package org.charlstm.cuda.panama;

import java.util.List;
import org.charlstm.cuda.Cublas;
import org.charlstm.cuda.CudaBinding;
import org.charlstm.cuda.CudaDriver;
import org.charlstm.cuda.Cudnn;
import org.charlstm.cuda.LibraryFiles;
import org.charlstm.cuda.Nccl;
import org.charlstm.cuda.Nvrtc;

/** NVIDIA's libraries through java.lang.foreign. */
public final class PanamaBinding implements CudaBinding {
    /** For whoever chooses a binding. */
    public PanamaBinding() {
    }

    @Override
    public String name() {
        return "panama";
    }

    @Override
    public CudaDriver driver(LibraryFiles files) {
        return new PanamaDriver(files.driver());
    }

    @Override
    public Cublas cublas(LibraryFiles files, List<Integer> majors) {
        return new PanamaCublas(files.cublas(majors));
    }

    @Override
    public Cudnn cudnn(LibraryFiles files) {
        return new PanamaCudnn(files.cudnn());
    }

    @Override
    public Nvrtc nvrtc(LibraryFiles files, List<Integer> majors) {
        return new PanamaNvrtc(files.nvrtc(majors));
    }

    @Override
    public Nccl nccl(LibraryFiles files) {
        return new PanamaNccl(files.nccl());
    }
}
