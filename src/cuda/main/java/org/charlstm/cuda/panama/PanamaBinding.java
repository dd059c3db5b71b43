package org.charlstm.cuda.panama;

import module java.base;
import org.charlstm.cuda.binding.CudaBinding;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.NvidiaLibrary;

/** NVIDIA's libraries through java.lang.foreign. */
public final class PanamaBinding implements CudaBinding {
    @Override
    public String name() {
        return "panama";
    }

    @Override
    public <T extends NvidiaLibrary> T open(Class<T> table, Function<List<Integer>, LibrarySearch.Found> library,
            List<Integer> majors) {
        return PanamaCalls.open(table, library.apply(majors));
    }
}
