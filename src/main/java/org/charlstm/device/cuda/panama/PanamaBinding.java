package org.charlstm.device.cuda.panama;

import java.util.List;
import org.charlstm.device.cuda.binding.Cublas;
import org.charlstm.device.cuda.binding.CudaBinding;
import org.charlstm.device.cuda.binding.CudaDriver;
import org.charlstm.device.cuda.binding.Cudnn;
import org.charlstm.device.cuda.binding.LibraryFiles;
import org.charlstm.device.cuda.binding.Nccl;
import org.charlstm.device.cuda.binding.Nvrtc;

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
