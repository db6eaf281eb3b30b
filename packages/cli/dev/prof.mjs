// usage: node prof.mjs model threads [relaxed=1] [epochs]
process.env.HONE_DATA ??= "/work/shared/data";
import { compile, takeRows } from "@hone/core"; import { createModel } from "@hone/core/models"; import { wasm } from "@hone/wasm"; import { mnist } from "@hone/data";
const [name="cnn", threads="1", mode="train", rows="12800", relaxed="1"] = process.argv.slice(2);
const device = await wasm({worker: mode!=="prof", threads:+threads, relaxed: relaxed==="1"}).open();
console.log(device.info.description, device.info.numerics);
const {train,test} = await mnist();
const data = takeRows(train,0,+rows);
let model;
if (name==="cnn-bn") { const {cnnBn}=await import("./bn.mjs"); model=cnnBn(); } else model=createModel(name,{seed:1});
let executables=[];
const wrapped = {...device, info:device.info, target:device.target, lost:device.lost, close:()=>device.close(), memory:()=>device.memory(), upload:c=>device.upload(c), load: async p=>{const e=await device.load(p); executables.push([e,p]); return e;}};
const session = await compile(model,{device:wrapped,seed:1});
if (mode==="train") {
 for await (const r of session.steps(data,{epochs:3})) if(r.kind==="epoch-end") console.log(Math.round(r.imagesPerSecond), r.loss.toFixed(5), r.accuracy.toFixed(4));
} else {
 await session.fit(takeRows(train,0,1280),{epochs:1});
 const [e,p]=executables[0]; const entry=p.entries[0];
 const N=60; await e.profile(entry.name,{first:0,steps:5}); const acc=[];
 for(let k=0;k<5;k++){ const t=await e.profile(entry.name,{first:0,steps:N}); t.forEach((x,i)=>{(acc[i]??=[]).push(x.microseconds/N)}); var ks=t; }
 let total=0; ks.forEach((x,i)=>{ const us=acc[i].sort((a,b)=>a-b)[2]; total+=us; const c=entry.calls[x.call]; console.log(String(x.call).padStart(3),(c.op).padEnd(34),x.kernel.padEnd(24),us.toFixed(1).padStart(8), (us/64).toFixed(2).padStart(7), JSON.stringify(c.outputs[0].shape)); });
 console.log("total", total.toFixed(0),"us/step", (64e6/total).toFixed(0),"img/s");
}
await device.close();
