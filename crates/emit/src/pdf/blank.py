"""Makes blank.ttf: a TrueType font of one glyph, a line without an area, so that nothing is drawn.

Viewers ask a font for the box of each glyph and pass over text whose boxes have none; and a font
with the codes Identity-H has to be in the file (ISO 32000-2, 9.7.5.2).
"""
import struct
def tab():
    t={}
    t[b'OS/2']=struct.pack('>HhHHHhhhhhhhhhhh10s4L4sHHHhhhHH',1,1000,400,5,0,0,0,0,0,0,0,0,0,0,0,0,b'\0'*10,0,0,0,0,b'    ',0x40,0,0xFFFF,880,-120,0,880,120)+struct.pack('>LL',0,0)
    t[b'cmap']=struct.pack('>HHHHL',0,1,3,1,12)+struct.pack('>HHHHHHH',4,24,0,2,2,0,0)+struct.pack('>HHHhH',0xFFFF,0,0xFFFF,1,0)
    g=struct.pack('>hhhhh',1,0,-120,500,880)+struct.pack('>HH',1,0)+bytes([1,1])+struct.pack('>hh',0,500)+struct.pack('>hh',-120,1000)
    g+=b'\0'*(-len(g)%4)
    t[b'glyf']=g
    t[b'head']=struct.pack('>LLLLHHqqhhhhHHhhh',0x10000,0x10000,0,0x5F0F3CF5,0,1000,0,0,0,-120,500,880,0,8,2,0,0)
    t[b'hhea']=struct.pack('>LhhhHhhhhhhhhhhhH',0x10000,880,-120,0,1000,0,0,500,1,0,0,0,0,0,0,0,1)
    t[b'hmtx']=struct.pack('>Hhh',1000,0,0)
    t[b'loca']=struct.pack('>HHH',0,0,len(g)//2)
    t[b'maxp']=struct.pack('>LHHHHHHHHHHHHHH',0x10000,2,2,1,0,0,1,0,0,0,0,0,0,0,0)
    n='Mugai'.encode('utf-16-be')
    t[b'name']=struct.pack('>HHH',0,2,30)+struct.pack('>HHHHHH',3,1,0x409,1,len(n),0)+struct.pack('>HHHHHH',3,1,0x409,6,len(n),0)+n
    t[b'post']=struct.pack('>LLhhLLLLL',0x30000,0,0,0,1,0,0,0,0)
    return t
t=tab()
def pad(b): return b+b'\0'*(-len(b)%4)
def cs(b):
    b=pad(b); return sum(struct.unpack('>%dL'%(len(b)//4),b))&0xFFFFFFFF
n=len(t); off=12+16*n
import math
sr=16*(1<<int(math.log2(n)))
d=struct.pack('>LHHHH',0x10000,n,sr,int(math.log2(n)),16*n-sr); body=b''
for k in sorted(t):
    d+=k+struct.pack('>LLL',cs(t[k]),off+len(body),len(t[k])); body+=pad(t[k])
f=d+body
adj=(0xB1B0AFBA-cs(f))&0xFFFFFFFF
i=f.index(struct.pack('>L',0x5F0F3CF5)); f=f[:i-4]+struct.pack('>L',adj)+f[i:]
open('blank.ttf','wb').write(f)

