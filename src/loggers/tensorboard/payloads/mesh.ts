import { messageOf, TrainscopeError } from "../../../support/errors.js";
import { checkedOptions, optional, required, type OptionRules } from "../../../support/option-keys.js";
import { ProtoWriter } from "../files/protobuf.js";
import { anArrayOf } from "./option-checks.js";
import { rangeOf } from "./uniform-buckets.js";
import { DataClass, numberTensor, pluginValue } from "./value.js";

/** A mesh of triangles or, without `faces`, a cloud of points. */
export interface Mesh {
  /** The coordinates x, y, z of each point: 3 values per point. */
  vertices: Float32Array;
  /** The indices of the three points of each triangle: 3 values per triangle, for at most 65,536 points. Left out: only the points. */
  faces?: Int32Array | Uint32Array | Uint16Array | undefined;
  /** Red, green and blue of each point, 0 to 255: 3 values per point. Left out: TensorBoard's colour. */
  colors?: Uint8Array | undefined;
  /** Camera, lights and material, as TensorBoard's mesh plugin passes them to three.js. Left out: a camera that shows all of it. */
  config?: Readonly<Record<string, unknown>> | undefined;
}

const RULES: OptionRules<Mesh, Mesh> = {
  vertices: required(anArrayOf("a Float32Array", Float32Array)),
  faces: optional(anArrayOf("an Int32Array, Uint32Array or Uint16Array", Int32Array, Uint32Array, Uint16Array)),
  colors: optional(anArrayOf("a Uint8Array with values from 0 to 255", Uint8Array)),
  config: optional({ allowed: "an object", accepts: (value) => Object.prototype.toString.call(value) === "[object Object]" }),
};

const PARTS = { VERTEX: 1, FACE: 2, COLOR: 3 } as const;
type Part = keyof typeof PARTS;

/**
 * The Summary.Values of a mesh, one for each array. Throws `ERR_CONFIG` for an unknown key or a value of another type, and
 * `ERR_METRIC_VALUE` for arrays that do not fit together.
 */
export function meshValues(tag: string, given: Mesh): Uint8Array<ArrayBuffer>[] {
  const mesh = checkedOptions<Mesh, Mesh>(given, RULES, "addMesh");
  checkMesh(mesh);
  const parts: [Part, Float32Array | Int32Array | Uint8Array][] = [["VERTEX", mesh.vertices]];
  if (mesh.faces !== undefined) parts.push(["FACE", Int32Array.from(mesh.faces)]);
  if (mesh.colors !== undefined) parts.push(["COLOR", mesh.colors]);
  const components = parts.reduce((mask, [part]) => mask | (1 << PARTS[part]), 0);
  const config = configOf(mesh);

  return parts.map(([part, values]) => {
    const shape = [1, values.length / 3, 3];
    const content = new ProtoWriter().string(2, tag).varint(3, PARTS[part]).string(5, config);
    content.packedVarints(6, shape).varint(7, components);
    return pluginValue({
      tag: `${tag}_${part}`,
      plugin: "mesh",
      content: content.finish(),
      dataClass: DataClass.tensor,
      tensor: numberTensor(shape, values),
    });
  });
}

function configOf(mesh: Mesh): string {
  const { camera = cameraFor(mesh), ...others } = mesh.config ?? {};
  try {
    return JSON.stringify({ camera, ...others });
  } catch (error) {
    throw new TrainscopeError("ERR_METRIC_VALUE", `The config of the mesh cannot be written as JSON: ${messageOf(error)}`);
  }
}

const FIELD_OF_VIEW_DEGREES = 75;
/** A direction from above and from the side, which shows three sides of a box. */
const VIEW = [0.5, 0.4, 0.77] as const;

/**
 * A camera that shows the whole mesh. TensorBoard's own camera ignores the depth when it computes its distance: it shows one face
 * of a cube, and nothing of a small mesh. TensorBoard moves a mesh to the origin, but not a cloud of points.
 */
function cameraFor({ vertices, faces }: Mesh): object | undefined {
  const axes = [0, 1, 2].map((axis) => rangeOf(vertices.filter((_, index) => index % 3 === axis)));
  const radius = Math.hypot(...axes.map(({ least, greatest }) => greatest - least)) / 2;
  if (!(radius > 0 && radius < Infinity)) return undefined;
  const distance = (radius * 1.1) / Math.sin((FIELD_OF_VIEW_DEGREES / 2) * (Math.PI / 180));
  const centre = axes.map(({ least, greatest }) => (faces === undefined ? (least + greatest) / 2 : 0));
  return {
    cls: "PerspectiveCamera",
    fov: FIELD_OF_VIEW_DEGREES,
    near: distance / 100,
    far: distance * 100,
    position: centre.map((middle, axis) => middle + distance * (VIEW[axis] as number)),
    lookAt: centre,
  };
}

/** TensorBoard stores the indices of faces in 16 bits. */
const MOST_POINTS_OF_FACES = 2 ** 16;

function checkMesh({ vertices, faces, colors }: Mesh): void {
  const refuse = (message: string): never => {
    throw new TrainscopeError("ERR_METRIC_VALUE", `The mesh cannot be drawn: ${message}`);
  };
  for (const [name, values] of Object.entries({ vertices, faces, colors })) {
    if (values !== undefined && values.length % 3 !== 0) refuse(`${name} has ${values.length} numbers, not groups of three.`);
  }
  const odd = vertices.findIndex((value) => !Number.isFinite(value));
  if (odd !== -1) refuse(`vertices has ${vertices[odd]} at ${odd}. Give finite numbers.`);
  if (colors !== undefined && colors.length !== vertices.length) {
    refuse(`${vertices.length / 3} points have ${colors.length / 3} colors.\nGive red, green and blue for each point.`);
  }
  const points = vertices.length / 3;
  if (faces !== undefined && points > MOST_POINTS_OF_FACES)
    refuse(`faces may connect at most ${MOST_POINTS_OF_FACES} points, and there are ${points}.`);
  const stray = faces?.findIndex((point) => point < 0 || point >= points) ?? -1;
  if (stray !== -1) refuse(`a face has the point ${faces?.[stray]}. Allowed: 0 to ${points - 1}.`);
}
