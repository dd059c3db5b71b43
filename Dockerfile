# charlstm on NVIDIA's CUDA image, for a host with a GPU; docs/gpu.md says how to build and run it.
ARG CUDA=12.8.1

FROM nvidia/cuda:${CUDA}-devel-ubuntu24.04 AS build
COPY --from=eclipse-temurin:25-jdk /opt/java/openjdk /opt/java/openjdk
ENV JAVA_HOME=/opt/java/openjdk
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ git maven \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /charlstm
COPY . .
RUN bench/image.sh /image

FROM nvidia/cuda:${CUDA}-cudnn-runtime-ubuntu24.04
# For bench/gpu.sh.
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /image /opt/charlstm
ENV PATH=/opt/charlstm:$PATH
WORKDIR /work
ENTRYPOINT ["charlstm"]
CMD ["doctor"]
