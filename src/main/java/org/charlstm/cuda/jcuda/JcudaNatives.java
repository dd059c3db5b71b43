package org.charlstm.cuda.jcuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CacheFolder;

/**
 * JCuda's native code. By itself JCuda unpacks it to a name that everybody knows, in a folder that all share, and
 * loads whatever lies there already: somebody else's file, or half of one that another process is writing. Here it is
 * unpacked beforehand, to a folder of the user's own, and JCuda finds it there, whole.
 */
final class JcudaNatives {
    /** Where JCuda looks for its code after the JVM's own path of libraries; it reads this each time. */
    private static final String PLACE = "java.io.tmpdir";

    /** A class that has started has its code, whatever becomes of the file. */
    private static final Set<String> STARTED = new HashSet<>();

    private JcudaNatives() {
    }

    /**
     * Starts a class of JCuda's, which loads the code of its name.
     *
     * @throws LinkageError      if that does not load
     * @throws CharlstmException if there is no place for it
     */
    static synchronized void start(String type) throws ClassNotFoundException {
        if (STARTED.contains(type)) {
            return;
        }
        String library = type.substring(type.lastIndexOf('.') + 1) + "-" + JCudaVersion.get();
        String file = LibUtils.createLibraryFileName(LibUtils.createPlatformLibraryName(library));
        String folder = unpack(file).toString();
        String before = System.getProperty(PLACE, "");
        // The JDK has read it when it started, so that its own temporary files stay where they are.
        System.setProperty(PLACE, folder);
        try {
            Class.forName(type, true, JcudaNatives.class.getClassLoader());
            STARTED.add(type);
        } finally {
            System.setProperty(PLACE, before);
        }
    }

    /** The folder in which the file is then. */
    private static Path unpack(String file) {
        Path folder = CacheFolder.of(System.getenv()).orElseThrow(() -> new CharlstmException("JCuda's native code has "
                + "to be unpacked, and neither CHARLSTM_CACHE nor HOME names a folder for it; set CHARLSTM_CACHE"))
                .resolve("jcuda");
        try {
            NativeFolder.at(folder).put(file, code(file));
            return folder;
        } catch (IOException e) {
            throw new CharlstmException("JCuda's native code cannot be unpacked to " + folder + ", which cannot be "
                    + "written; set CHARLSTM_CACHE to a folder that can", e);
        }
    }

    private static byte[] code(String file) throws IOException {
        try (InputStream resource = JcudaNatives.class.getClassLoader().getResourceAsStream("lib/" + file)) {
            if (resource == null) {
                throw new CharlstmException("JCuda's native code is not on the class path, which lacks lib/" + file
                        + "; see docs/cuda-binding.md");
            }
            return resource.readAllBytes();
        }
    }
}
